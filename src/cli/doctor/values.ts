import { optionsFromEnv, type Variables } from '../../options/from-env.js';
import { resolveOptions, serviceUrl } from '../../options/options.js';
import { inCommandTerms } from '../configuration.js';
import type { Finding } from './finding.js';

type Problem = Omit<Finding, 'name'>;

const keyAndSecret = ['TT_API_KEY', 'TT_API_SECRET'];
const anyNames = ['TT_APP_NAME', 'TT_COMPANY_NAME'];
const pasteAgain = 'paste it again, in one line and without quotes, from the Setup page of TT';
/** Options that any value of a variable can be tried with. */
const sound = { TT_API_KEY: 'k', TT_API_SECRET: 's', TT_APP_NAME: 'a', TT_COMPANY_NAME: 'c' };

/** What is wrong with the value of a variable; nothing of it is shown. */
export function problemOf(name: string, raw: string, all: Variables): Problem | undefined {
  const value = raw.trim();
  // What is in the file that it names is a finding of its own.
  if (name.endsWith('_SECRET_FILE') || name.endsWith('_KEY_FILE')) return undefined;
  if (/^["'`]|["'`]$/.test(value)) {
    const status = anyNames.includes(name) ? 'warning' : 'wrong';
    const advice = "remove them: docker's --env-file, for one, takes them as part of the value";
    return { status, message: 'is in quotes', advice };
  }
  return (
    (keyAndSecret.includes(name) ? problemOfCredential(name, value, all) : undefined) ??
    invalidity(name, value) ??
    (name === 'TT_BASE_URL' ? problemOfBaseUrl(new URL(value)) : undefined) ??
    (keyAndSecret.includes(name) ? whiteSpaceAround(raw) : undefined)
  );
}

function problemOfCredential(name: string, value: string, all: Variables): Problem | undefined {
  if (/\s/.test(value)) {
    return wrongValue('holds a line end or white space inside', pasteAgain);
  }
  if (/\\[nrt]/.test(value)) {
    return wrongValue('holds a line end that is written out, such as \\n', pasteAgain);
  }
  if (name === 'TT_API_KEY') {
    const advice = 'keep only what stands before the colon; the rest is TT_API_SECRET';
    return value.includes(':')
      ? wrongValue('holds a colon: key and secret in one', advice)
      : undefined;
  }
  const key = all.TT_API_KEY?.trim();
  if (key === undefined) return undefined;
  if (value === key || value === `${key}:`) {
    return wrongValue('is the app key, without its secret', pasteAgain);
  }
  const prefix = value.slice(0, Math.max(0, value.indexOf(':')));
  if (prefix === '' || prefix === key) return undefined;
  return wrongValue(
    'begins with another app key than TT_API_KEY, in front of the colon',
    'copy key and secret from the same line of the Setup page of TT',
  );
}

/** A URL that is not the one of TT's documents, or has more than it. */
function problemOfBaseUrl({ hostname, pathname }: URL): Problem | undefined {
  const advice = `unset it, or set it to ${serviceUrl}`;
  if (hostname === 'apigateway.trade.tt') {
    return wrongValue("is TT's former host, which answers 403", advice);
  }
  const isOfService = /^\/+(?:tt[a-z]+|ext_\w+)(?:\/|$)/i.test(pathname);
  const isAtTT = hostname.endsWith('.trade.tt') && pathname.replace(/\/+$/, '') !== '';
  if (!isOfService && !isAtTT) return undefined;
  const what = 'has a path: service and environment are added to it, in lower case';
  return wrongValue(what, isAtTT ? advice : 'leave the path of a service out');
}

/** What the options say of the value. */
function invalidity(name: string, value: string): Problem | undefined {
  try {
    inCommandTerms(() => resolveOptions(optionsFromEnv({ ...sound, [name]: value })));
    return undefined;
  } catch (error) {
    const message = (error as Error).message.replace(/^\w+ /, '');
    return wrongValue(message, `correct ${name}`);
  }
}

function whiteSpaceAround(raw: string): Problem | undefined {
  if (raw === raw.trim()) return undefined;
  return {
    status: 'warning',
    message: 'has a line end or white space around it, which this package ignores',
    advice: 'remove it: other programs may send it along',
  };
}

function wrongValue(message: string, advice: string): Problem {
  return { status: 'wrong', message, advice };
}
