import { marketNames } from '../../markets.js';

export const revalidate = 1;

export default async function Page() {
  return <p>revalidated {await marketNames()}</p>;
}
