/** Forms of addresses the checks ask about, and how found text is shown. */

const SHOWN_CHARACTERS = 64;
/** RFC 1034, section 3.5, with RFC 1123, section 2.1: letters, digits and inner hyphens. */
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const HOST = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*$`);
/** RFC 5321, section 4.1.2: Dot-string only; a quoted one stands in no directory. */
const MAILBOX = /^(?=.{3,254}$)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(.+)$/;
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/;
const LOCATION = /^(?:https?|ldaps?):\/\/([^/?#\s@]*)(?:[/?#][\x21-\x7e]*)?$/;

/** Found text as data in a finding: what acts on a line is told by its code. */
export function shown(text: string): string {
  const safe = text
    .slice(0, SHOWN_CHARACTERS)
    .replace(/[\p{C}\p{DI}\p{Zl}\p{Zp}]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
  return `"${safe}${text.length > SHOWN_CHARACTERS ? '…' : ''}"`;
}

/** A host name in the preferred syntax. */
export function isHost(text: string): boolean {
  return HOST.test(text);
}

/** `local@host` in ASCII. */
export function isMailbox(text: string): boolean {
  const host = MAILBOX.exec(text)?.[1];
  return host !== undefined && isHost(host);
}

/** An absolute URI in ASCII (RFC 3986, section 4.3). */
export function isUri(text: string): boolean {
  return URI.test(text);
}

/**
 * An address a client can fetch a CRL, a certificate or a status from: http, https, ldap or ldaps with a host (RFC 5280,
 * sections 4.2.1.13 and 4.2.2.1; ldap may leave the host to the client's own directory).
 */
export function isLocation(text: string): boolean {
  const authority = LOCATION.exec(text)?.[1];
  if (authority === undefined) return false;
  const host = /^(.*?)(?::\d{1,5})?$/.exec(authority)?.[1] ?? '';
  if (host === '') return text.startsWith('ldap');
  return isHost(host) || /^\[[0-9A-Fa-f:.]+\]$/.test(host);
}
