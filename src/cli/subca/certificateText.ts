/** One certificate as a page for people: what is in it in words, how it stands, and its place in the journal. */
import { OID } from '../../asn1';
import { isLive, publishedReason } from '../../delegation';
import { formatDate, type Lang } from '../../i18n';
import {
  attributeTexts,
  certificateTexts as texts,
  extendedKeyUsageTexts,
  keyUsageTexts,
} from '../../i18n/messages/certificate';
import { changeTexts, reasonTexts, serviceTexts } from '../../i18n/messages/certificateLife';
import { statusTexts } from '../../i18n/messages/subca';
import type { ChangeOrigin, RevocationCause } from '../../journal';
import { WITHOUT_NUMBER, type CertificateView, type KnownSince } from '../../node';
import { EXTENDED_KEY_USAGES, formatName, type Certificate, type GeneralName } from '../../x509';
import { fields } from '../table';

/** A page for a terminal of the usual width. */
const COLUMNS = 80;

type Field = readonly [label: string, value: string];

/** @param now tells whether it has expired */
export function certificateText(view: CertificateView, lang: Lang, now: Date): string {
  const { certificate, journal } = view;
  const sections: readonly (readonly [title: string, fields: readonly Field[]])[] = [
    [texts.certificate[lang]({}), standing(view, lang, now)],
    ...(certificate === undefined
      ? []
      : ([
          [texts.subject[lang]({}), subscriber(certificate, lang)],
          [texts.key[lang]({}), keyAndUse(certificate, view.keyStorage, lang)],
          [texts.places[lang]({}), places(certificate, lang)],
        ] as const)),
    [texts.life[lang]({}), life(view, lang)],
    [texts.journal[lang]({}), journalPlace(journal, lang)],
    [texts.chain[lang]({}), chain(view.issuers, lang)],
  ];
  return sections
    .filter(([, rows]) => rows.length > 0)
    .map(([title, rows]) => `${title}\n${indented(fields(rows, COLUMNS - 2))}`)
    .join('\n\n');
}

function indented(block: string): string {
  return block.replace(/^/gm, '  ');
}

function standing(
  { record, certificate, journal }: CertificateView,
  lang: Lang,
  now: Date,
): readonly Field[] {
  const date = (time: string): string => formatDate(new Date(time), lang);
  const { status, statusTime, invalidityDate, notBefore, notAfter } = record;
  const [reason, firstReason] = [publishedReason(record), record.reason];
  const [first, exposed] = journal.changes;
  const firstBasis = exposed === undefined ? texts.basis : texts.firstBasis;
  const over = isLive(record) && Date.parse(notAfter) <= now.getTime();
  const since = { status: statusTexts[status][lang]({}), since: date(statusTime) };
  const told = over ? { status: texts.expired[lang]({}), since: date(notAfter) } : since;
  return [
    [texts.serialNumber[lang]({}), record.serialNumber],
    [texts.status[lang]({}), texts.statusSince[lang](told)],
    ...(reason === null ? [] : [[texts.reason[lang]({}), reasonText(reason, lang)] as const]),
    ...(exposed === undefined || firstReason === null
      ? []
      : ([
          [texts.exposureTime[lang]({}), date(exposed.entry.time)],
          [texts.basis[lang]({}), basis(exposed.entry.by, lang)],
          [texts.firstReason[lang]({}), reasonText(firstReason, lang)],
        ] as const)),
    ...(first === undefined ? [] : [[firstBasis[lang]({}), basis(first.entry.by, lang)] as const]),
    ...(invalidityDate === null ? [] : [[texts.invalidityDate[lang]({}), date(invalidityDate)] as const]),
    [texts.validity[lang]({}), texts.validitySpan[lang]({ from: date(notBefore), until: date(notAfter) })],
    ...(certificate === undefined
      ? []
      : ([
          [texts.issuer[lang]({}), formatName(certificate.tbs.issuer)],
          [texts.signature[lang]({}), certificate.signatureAlgorithm],
          [texts.fingerprint[lang]({}), fingerprint(certificate.sha256)],
        ] as const)),
  ];
}

function reasonText(reason: RevocationCause, lang: Lang): string {
  return `${reasonTexts[reason][lang]({})} (${reason})`;
}

/** What a change of status was asked for by. */
function basis(by: ChangeOrigin, lang: Lang): string {
  if (by.kind === 'directive') return texts.directive[lang]({ sequence: by.sequence });
  return Object.values<string>(WITHOUT_NUMBER).includes(by.request) ? texts.noNumber[lang]({}) : by.request;
}

function subscriber({ tbs }: Certificate, lang: Lang): readonly Field[] {
  return [
    ...tbs.subject.map(({ type, value }) => [`${attributeTexts[type][lang]({})} (${type})`, value] as const),
    ...(tbs.extensions.subjectAltName ?? []).map((name) => alternativeName(name, lang)),
  ];
}

function alternativeName(name: GeneralName, lang: Lang): Field {
  switch (name.kind) {
    case 'email':
    case 'dns':
      return [texts[name.kind][lang]({}), name.value];
    case 'ip':
      return [texts.ip[lang]({}), addressText(name.value)];
    case 'uri':
      return ['URI', name.value];
    case 'directory':
      return ['directoryName', formatName(name.name)];
    case 'other':
      return ['otherName', name.der.toString('hex')];
  }
}

/** Dotted decimal, or hexadecimal groups without shortening. */
function addressText(address: Buffer): string {
  if (address.length === 4) return address.join('.');
  return address.toString('hex').match(/.{4}/g)?.join(':') ?? '';
}

function keyAndUse(
  { tbs }: Certificate,
  storage: CertificateView['keyStorage'],
  lang: Lang,
): readonly Field[] {
  const { keyUsage = [], extendedKeyUsage = [], policies = [], all, unknown } = tbs.extensions;
  const critical = (oid: string): string =>
    all.some((extension) => extension.oid === oid && extension.critical)
      ? ` (${texts.critical[lang]({})})`
      : '';
  const usages = keyUsage.map((usage) => keyUsageTexts[usage][lang]({})).join(', ');
  const purposes = extendedKeyUsage.map((usage) => purposeText(usage, lang)).join(', ');
  return [
    [texts.publicKey[lang]({}), tbs.publicKey.algorithm],
    [texts.keyFingerprint[lang]({}), fingerprint(tbs.publicKey.spkiSha256)],
    ...(storage === undefined
      ? []
      : [[texts.keyStorage[lang]({}), texts.keyStorageTold[lang]({ storage })] as const]),
    [texts.keyUsage[lang]({}), `${usages}${critical(OID.keyUsage)}`],
    [texts.purposes[lang]({}), `${purposes}${critical(OID.extKeyUsage)}`],
    ...policies.flatMap(({ oid, cps, notice }): readonly Field[] => [
      [texts.policy[lang]({}), cps === undefined ? oid : `${oid} ${cps}`],
      ...(notice === undefined ? [] : [[texts.notice[lang]({}), notice] as const]),
    ]),
    ...unknown.map((oid): Field => ['?', oid]),
  ];
}

function purposeText(usage: string, lang: Lang): string {
  const known = EXTENDED_KEY_USAGES.find((one) => one === usage);
  return known === undefined ? usage : extendedKeyUsageTexts[known][lang]({});
}

function places({ tbs }: Certificate, lang: Lang): readonly Field[] {
  const { crlDistributionPoints = [], ocsp = [], caIssuers = [] } = tbs.extensions;
  return [
    ...crlDistributionPoints.map((url) => [texts.crl[lang]({}), url] as const),
    ...ocsp.map((url) => [texts.ocsp[lang]({}), url] as const),
    ...caIssuers.map((url) => [texts.caIssuers[lang]({}), url] as const),
  ];
}

function life({ record, successors }: CertificateView, lang: Lang): readonly Field[] {
  return [
    [texts.profile[lang]({}), record.profile],
    [texts.service[lang]({}), serviceTexts[record.service][lang]({})],
    ...(record.predecessor === null ? [] : [[texts.predecessor[lang]({}), record.predecessor] as const]),
    ...successors.map(({ serialNumber, service, status }): Field => {
      const told = { service: serviceTexts[service][lang]({}), status: statusTexts[status][lang]({}) };
      return [texts.successor[lang]({}), texts.successorTold[lang]({ serialNumber, ...told })];
    }),
  ];
}

function journalPlace(journal: CertificateView['journal'], lang: Lang): readonly Field[] {
  const { origin, entries, treeSize, rootHash, receipt, knownToRoot, changes } = journal;
  const tree = texts.treeTold[lang]({ size: treeSize, confirmed: receipt !== undefined });
  const known = (since: KnownSince | undefined): string =>
    since === undefined
      ? texts.notKnown[lang]({})
      : texts.knownTold[lang]({ size: since.size, time: formatDate(new Date(since.time), lang) });
  return [
    [texts.origin[lang]({}), origin],
    ...entries.map(({ index, auditPath }, at): Field => [
      texts[at === 0 ? 'intent' : 'issued'][lang]({}),
      texts.entryTold[lang]({ index, steps: auditPath.length }),
    ]),
    [texts.tree[lang]({}), `${tree} ${fingerprint(rootHash)}`],
    [texts.known[lang]({}), known(knownToRoot)],
    ...changes.flatMap((change, at): readonly Field[] => [
      [
        (at === 0 ? changeTexts[change.entry.type] : texts.exposureTime)[lang]({}),
        texts.entryTold[lang]({ index: change.index, steps: change.proof?.auditPath.length }),
      ],
      [texts.changeKnown[lang]({}), known(change.knownToRoot)],
    ]),
  ];
}

function chain([subCa, root]: readonly Certificate[], lang: Lang): readonly Field[] {
  const told = (label: string, issuer: Certificate | undefined): readonly Field[] =>
    issuer === undefined
      ? []
      : [
          [label, formatName(issuer.tbs.subject)],
          ['', texts.until[lang]({ until: formatDate(issuer.tbs.notAfter, lang) })],
          ['', `${texts.fingerprint[lang]({})} ${fingerprint(issuer.sha256)}`],
        ];
  return [...told(texts.subCa[lang]({}), subCa), ...told(texts.root[lang]({}), root)];
}

/** As other programs print a fingerprint, with a blank in the middle where a line may break. */
function fingerprint(hex: string): string {
  const octets = hex.toUpperCase().match(/../g) ?? [];
  const half = Math.ceil(octets.length / 2);
  return `${octets.slice(0, half).join(':')}: ${octets.slice(half).join(':')}`;
}
