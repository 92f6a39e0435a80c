import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as client from './client.js';

const { badRequest, callApi, getAccessToken, newRequestId, postToken, read, startForTest } = client;

describe('the requestId', () => {
  it.each(['', 'requestid=app-company--' + randomUUID(), 'requestId='])(
    'is missing in the query "%s"',
    async (query) => {
      const fake = await startForTest();
      const problem = badRequest('requestId is missing');
      expect(await read(await postToken(fake, { query }))).toEqual(problem);
      expect(await read(await callApi(fake, 'any', { query }))).toEqual(problem);
    },
  );

  it('is given once', async () => {
    const fake = await startForTest();
    const query = `requestId=${newRequestId()}&requestId=${newRequestId()}`;
    const problem = badRequest('requestId is given more than once');
    expect(await read(await postToken(fake, { query }))).toEqual(problem);
  });

  it.each(' +$&,/:;=?@"<>#%{}|\\^~[]`\t'.split(''))('holds no "%s"', async (character) => {
    const fake = await startForTest();
    const query = `requestId=My${encodeURIComponent(character)}App-company--${randomUUID()}`;
    const problem = badRequest('requestId holds a forbidden character');
    expect(await read(await postToken(fake, { query }))).toEqual(problem);
  });

  it('holds no space written as a plus sign', async () => {
    const fake = await startForTest();
    const response = await postToken(fake, { query: `requestId=My+App-company--${randomUUID()}` });
    expect(await read(response)).toEqual(badRequest('requestId holds a forbidden character'));
  });

  it.each([
    randomUUID(),
    `app--${randomUUID()}`,
    `-company--${randomUUID()}`,
    `app-company-${randomUUID()}`,
    'app-company--1234',
    `app-company--${randomUUID()}0`,
  ])('is refused as %s', async (requestId) => {
    const fake = await startForTest();
    const problem = badRequest('requestId is not of the form <app>-<company>--<guid>');
    expect(await read(await postToken(fake, { query: `requestId=${requestId}` }))).toEqual(problem);
  });

  it('may stand among other parameters, with dashes in its names and in any case', async () => {
    const fake = await startForTest();
    const query = `a=1&requestId=my-app-my-company--${randomUUID().toUpperCase()}&b=2`;
    expect((await postToken(fake, { query })).status).toBe(200);
  });

  it('is used once, across token and API requests, whatever the case and the names', async () => {
    const fake = await startForTest();
    const guid = randomUUID();
    const token = await getAccessToken(fake, { query: `requestId=app-company--${guid}` });
    const used = badRequest('requestId was used before');
    const again = `requestId=app-company--${guid}`;
    expect(await read(await postToken(fake, { query: again }))).toEqual(used);
    expect(await read(await callApi(fake, token, { query: again }))).toEqual(used);
    const disguised = `requestId=other-company--${guid.toUpperCase()}`;
    expect(await read(await callApi(fake, token, { query: disguised }))).toEqual(used);
  });

  it('counts as used after a request that was refused, failed or redirected', async () => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    const used = badRequest('requestId was used before');
    const queries = [newRequestId(), newRequestId(), newRequestId()].map((id) => `requestId=${id}`);

    await callApi(fake, 'unknown', { query: queries[0] ?? '' });
    fake.failNextRequests({ status: 503 });
    await callApi(fake, token, { query: queries[1] ?? '' });
    fake.redirect('/from', { status: 303, location: '/to' });
    await callApi(fake, token, { path: '/from', query: queries[2] ?? '' });

    for (const query of queries) {
      expect(await read(await callApi(fake, token, { query }))).toEqual(used);
    }
  });
});
