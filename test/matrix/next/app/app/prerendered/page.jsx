import { marketNames } from '../../markets.js';

export default async function Page() {
  return <p>prerendered {await marketNames({ cache: 'force-cache' })}</p>;
}
