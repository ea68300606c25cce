/** E-mail addresses and host names as they may stand in a certificate (RFC 5280, section 4.2.1.6): ASCII only. */

const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
/** Labels with dots between; a last label of digits alone would be read as an IP address. */
const HOST = new RegExp(`^(?:${LABEL}\\.)*(?!\\d+$)${LABEL}$`);
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LOCAL_PART = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`);

/** Whether the text is a host name of letters, digits and hyphens, at most 253 characters. */
export function isHostName(text: string): boolean {
  return text.length <= 253 && HOST.test(text);
}

/** Whether the text is `local@domain`: an RFC 5321 mailbox without quoting, at most 254 characters. */
export function isEmailAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  const [local, domain] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  return (
    text.length <= 254 &&
    local.length <= 64 &&
    LOCAL_PART.test(local) &&
    domain.includes('.') &&
    isHostName(domain)
  );
}
