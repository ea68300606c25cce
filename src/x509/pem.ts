/** PEM (RFC 7468): writing it, and reading files that may be PEM or DER. */
import { isUtf16 } from '../encoding';
import { X509Error } from './errors';

const DEFAULT_LIMIT = 65_536;

/** One PEM block with lines of 64 characters and a final line end. */
export function encodePem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/**
 * Gives the DER in a file that holds either PEM with exactly one block of an expected label (text around the block is
 * ignored, as RFC 7468, section 2 allows) or the raw DER, which is left to its reader to judge.
 * @param what what the file should be, for the error text
 * @param limit most bytes of the file; default 65,536
 * @throws X509Error `INPUT_TOO_LARGE`, `PEM_MALFORMED`
 */
export function decodePemOrDer(
  input: Uint8Array,
  labels: string | readonly string[],
  what: string,
  limit = DEFAULT_LIMIT,
): Buffer {
  if (input.length > limit) throw new X509Error('INPUT_TOO_LARGE', { what, size: input.length, limit });
  const bytes = Buffer.from(input);
  // The SEQUENCE octet is also the digit 0; a length octet that is no text, or just fits, tells them apart.
  if (bytes[0] === 0x30 && ((bytes[1] ?? 0) >= 0x80 || bytes[1] === bytes.length - 2)) return bytes;

  const malformed = (reason: string): X509Error => new X509Error('PEM_MALFORMED', { what, reason });
  const text = bytes.toString('latin1');
  const begins = Array.from(text.matchAll(/-----BEGIN ([^\r\n]{0,64}?)-----/g));
  const [begin] = begins;
  if (begin === undefined)
    throw malformed(isUtf16(bytes) ? 'text in UTF-16; save it as UTF-8' : 'no BEGIN line');
  if (begins.length > 1) throw malformed(`${begins.length} blocks`);
  const allowed = typeof labels === 'string' ? [labels] : labels;
  const label = begin[1] ?? '';
  if (!allowed.includes(label)) {
    throw malformed(`a block ${JSON.stringify(label)} where ${allowed.join(' / ')} is expected`);
  }

  const [body = '', ...afterEnd] = text.slice(begin.index + begin[0].length).split(`-----END ${label}-----`);
  if (afterEnd.length !== 1) throw malformed('not exactly one END line');
  const base64 = body.replace(/[ \t\r\n]/g, '');
  const der = Buffer.from(base64, 'base64');
  if (der.length === 0 || der.toString('base64') !== base64) throw malformed('broken base64');
  return der;
}
