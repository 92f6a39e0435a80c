import { getMarkets } from '../../lib/tt.js';

export const dynamic = 'force-dynamic'; // or leave it out: then the build asks TT, and needs the variables

export default async function Page() {
  const markets = await getMarkets();
  return <p>{markets.map(({ name }) => name).join(' ')}</p>;
}
