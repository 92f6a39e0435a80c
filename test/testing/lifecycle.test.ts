import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startFakeTT } from '../../src/testing/index.js';
import { callApi, getAccessToken, postToken, startForTest } from './client.js';

/** Posts over one kept-alive connection; returns the status and whether the connection was used before. */
async function postOver(agent: Agent, url: string, body: string) {
  const sent = request(url, { method: 'POST', agent, headers: { 'content-length': body.length } });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'close');
  return { status: response.statusCode, isReused: sent.reusedSocket };
}

describe('startFakeTT', () => {
  it('listens on the loopback interface, one port each', async () => {
    const [one, other] = [await startForTest(), await startForTest()];
    expect(one.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(other.url).not.toBe(one.url);
  });

  it('listens on a port of your choice, and says where it is taken', async () => {
    const first = await startFakeTT();
    const port = Number(new URL(first.url).port);
    await expect(startFakeTT({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.close();
    const fake = await startForTest({ port });
    expect(fake.url).toBe(first.url);
    expect((await postToken(fake)).status).toBe(200);
  });

  it('shares nothing between two servers', async () => {
    const [one, other] = [await startForTest(), await startForTest()];
    const token = await getAccessToken(one);
    expect(other.tokenRequests).toHaveLength(0);
    expect((await callApi(other, token)).status).toBe(401);
  });

  it('keeps a connection alive over refused bodies', async () => {
    const fake = await startForTest();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const body = 'x'.repeat(500_000);
    const target = `${fake.url}/ttid/unknown/token`;
    expect(await postOver(agent, target, body)).toEqual({ status: 404, isReused: false });
    expect(await postOver(agent, target, body)).toEqual({ status: 404, isReused: true });
    fake.failNextRequests({ status: 503 });
    expect(await postOver(agent, `${fake.url}/any`, body)).toEqual({ status: 503, isReused: true });
  });

  it('leaves it to the client to close an idle connection', async () => {
    const fake = await startForTest();
    const response = await postToken(fake);
    // Where a server does, a client that is late for its own reasons is told ECONNRESET instead of an answer.
    expect(response.headers.get('keep-alive')).toBeNull();
    expect(response.headers.get('connection')).toBe('keep-alive');
  });

  it('survives a client that leaves in the middle of its body', async () => {
    const fake = await startForTest();
    const socket = connect(Number(new URL(fake.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write('POST /any HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n');
    socket.write('content-length: 100\r\n\r\nhalf');
    await once(socket, 'data'); // "100 Continue": the server has begun to read the body
    socket.destroy();
    expect((await postToken(fake)).status).toBe(200);
    expect(fake.requests).toHaveLength(0);
  });
});

describe('close', () => {
  it('ends requests that hang, are held or wait, and may be called again', async () => {
    const fake = await startFakeTT({ apiLatencyMs: 2_000_000_000 });
    const token = await getAccessToken(fake);
    const waiting = callApi(fake, token);
    fake.faultNextTokenRequests({ fault: 'hang' });
    const hanging = postToken(fake);
    await fake.waitForTokenRequests(2);
    fake.holdTokenRequests();
    const held = postToken(fake);
    await fake.waitForTokenRequests(3);
    const settled = Promise.allSettled([waiting, hanging, held]);

    await Promise.all([fake.close(), fake.close()]);
    await fake.close();

    const outcomes = (await settled).map((outcome) => outcome.status);
    expect(outcomes).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(postToken(fake)).rejects.toThrow('fetch failed');
    expect(fake.tokenRequests).toHaveLength(3);
  });

  it('is what disposing calls', async () => {
    const fake = await startFakeTT();
    await fake[Symbol.asyncDispose]();
    await expect(postToken(fake)).rejects.toThrow('fetch failed');
  });

  it('clears the timers of the answers that wait, so that the process can end', async () => {
    const fake = await startFakeTT({ latencyMs: 2_000_000_000 });
    const countTimers = () =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = countTimers();
    const answers = Promise.allSettled([postToken(fake), postToken(fake)]);
    await fake.waitForTokenRequests(2);
    await fake.close();
    await answers;
    expect(countTimers()).toBeLessThanOrEqual(before);
  });
});

/** Runs a script with a stand-in named `fake`, and kills it when the test ends. */
function runScript(body: string) {
  const script = `
    import { startFakeTT } from './src/testing/index.ts';
    const fake = await startFakeTT({ latencyMs: 2_000_000_000 });
    ${body}`;
  const options = ['--import', 'tsx', '--input-type=module', '--eval', script];
  const child = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

describe('the process', () => {
  it('stays alive while the stand-in is open', async () => {
    const child = runScript(`setTimeout(() => process.stdout.write('alive'), 200).unref();`);
    const first = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    expect(String(first[0])).toBe('alive');
  });

  it('ends by itself once it is closed, whatever waited', async () => {
    const child = runScript(`
      fetch(fake.url + '/ttid/ext_uat_cert/token', { method: 'POST' }).catch(() => {});
      await fake.waitForTokenRequests(1);
      await fake.close();`);
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
