import { redirect } from 'next/navigation';
import { marketNames } from '../../markets.js';

export const dynamic = 'force-dynamic';

async function look() {
  'use server';
  redirect(`/action?seen=${encodeURIComponent(await marketNames({ cache: 'no-store' }))}`);
}

export default async function Page({ searchParams }) {
  const { seen } = await searchParams;
  return (
    <form action={look}>
      <p>action {seen}</p>
      <button type="submit">look</button>
    </form>
  );
}
