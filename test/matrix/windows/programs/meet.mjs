/** Waits until all the other processes of this cell have come to the place of this name, too. */
export async function meet(name, barrier = process.env.MATRIX_BARRIER) {
  const response = await fetch(`${barrier}/${name}`);
  await response.text();
}
