/** A root CA of another system, played by OpenSSL with a key of its own. */
import { writeFileSync } from 'node:fs';
import type { World } from './world';

/** An OpenSSL CA: its key, certificate, configuration and CRL number lie in a folder of this name. */
export class OtherRoot {
  constructor(
    readonly world: World,
    readonly name: string,
    { constraints = 'critical,CA:TRUE', usage = 'critical,keyCertSign,cRLSign', subject = name } = {},
  ) {
    const config = [
      '[ req ]',
      'distinguished_name = dn',
      'string_mask = utf8only',
      '[ dn ]',
      '[ root ]',
      `basicConstraints = ${constraints}`,
      `keyUsage = ${usage}`,
      'subjectKeyIdentifier = hash',
      '[ ca ]',
      'default_ca = own',
      '[ own ]',
      `database = ${this.file('index.txt')}`,
      `crlnumber = ${this.file('crlnumber')}`,
      `new_certs_dir = ${world.directory}`,
      'default_md = sha256',
      'policy = any',
      'rand_serial = yes',
      'unique_subject = no',
      '[ any ]',
      ...['C', 'L', 'O', 'CN'].map((type) => `${LONG_NAMES[type] ?? ''} = optional`),
      '[ crl ]',
      'authorityKeyIdentifier = keyid',
      '',
    ];
    writeFileSync(this.file('cnf'), config.join('\n'));
    writeFileSync(this.file('index.txt'), '');
    writeFileSync(this.file('crlnumber'), '4096\n');
    const key = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-384',
      '-nodes',
      '-keyout',
      this.file('key'),
    ];
    const named = ['-utf8', '-subj', `/C=VN/O=Hệ thống khác/CN=${subject}`, '-days', '7000'];
    const extensions = ['-config', this.file('cnf'), '-extensions', 'root'];
    world.openssl('req', '-x509', '-new', ...key, ...named, ...extensions, '-out', this.file('pem'));
  }

  file(kind: string): string {
    return this.world.path(`${this.name}.${kind}`);
  }

  /** Makes a new CRL, one second after any other. */
  crl(days = '30'): string {
    const out = `${this.name}.crl`;
    const how = ['-config', this.file('cnf'), '-cert', this.file('pem'), '-keyfile', this.file('key')];
    this.world.openssl(
      'ca',
      '-gencrl',
      '-crlexts',
      'crl',
      '-crldays',
      days,
      '-md',
      'sha384',
      ...how,
      '-out',
      out,
    );
    return out;
  }

  /** @returns a CRL that lists the certificate */
  revoke(certificate: string): string {
    const how = ['-config', this.file('cnf'), '-cert', this.file('pem'), '-keyfile', this.file('key')];
    this.world.openssl('ca', '-revoke', certificate, '-md', 'sha384', ...how);
    return this.crl();
  }

  /** Issues by the written files, as the README of the order says. */
  issue(
    out: string,
    {
      request = 'order/request.pem',
      extensions = 'order/openssl.cnf',
      days = '3000',
      digest = '-sha384',
    } = {},
  ): string {
    const by = ['-CA', this.file('pem'), '-CAkey', this.file('key'), digest, '-days', days];
    const what = ['-extfile', extensions, '-extensions', 'sub_ca'];
    this.world.openssl('x509', '-req', '-in', request, ...by, ...what, '-out', out);
    return out;
  }

  /** As `issue`, with dates of one's choice and by the other command. */
  issueBetween(out: string, start: string, end: string): string {
    const how = [
      '-config',
      this.file('cnf'),
      '-cert',
      this.file('pem'),
      '-keyfile',
      this.file('key'),
      '-md',
      'sha384',
    ];
    const what = [
      '-extfile',
      'order/openssl.cnf',
      '-extensions',
      'sub_ca',
      '-startdate',
      start,
      '-enddate',
      end,
    ];
    const ways = ['-batch', '-notext', '-preserveDN', '-utf8'];
    this.world.openssl('ca', ...how, ...ways, ...what, '-in', 'order/request.pem', '-out', out);
    return out;
  }
}

const LONG_NAMES: Readonly<Record<string, string>> = {
  C: 'countryName',
  L: 'localityName',
  O: 'organizationName',
  CN: 'commonName',
};
