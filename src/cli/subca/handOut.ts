/** Handing an issued certificate out as a file: what cannot be written is known before, or else can be had again. */
import { encodePem } from '../../x509';
import type { IssuedCertificate } from '../../node';
import { CliError } from '../errors';

/**
 * @param write puts the PEM into its place
 * @throws CliError `CERTIFICATE_NOT_WRITTEN`: it is issued and in the journal all the same
 */
export async function handOut(
  { serialNumber, der }: IssuedCertificate,
  file: string,
  write: (path: string, content: string) => Promise<void>,
): Promise<void> {
  try {
    await write(file, encodePem('CERTIFICATE', der));
  } catch (cause) {
    throw new CliError('CERTIFICATE_NOT_WRITTEN', { serialNumber, file }, { cause });
  }
}
