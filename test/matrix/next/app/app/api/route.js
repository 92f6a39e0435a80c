import { marketNames } from '../../markets.js';

export const dynamic = 'force-dynamic';

export async function GET() {
  return Response.json({ markets: await marketNames({ cache: 'no-store' }) });
}
