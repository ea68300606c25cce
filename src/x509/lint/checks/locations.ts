/** Where a verifier asks: CRL distribution points and access to OCSP and CA (RFC 5280, sections 4.2.1.13 and 4.2.2.1). */
import type { CheckId, Checks } from '../check';
import { hexOf, type DerNode } from '../der';
import { CA_ISSUERS_ACCESS, OCSP_ACCESS } from '../oids';
import { isLocation, shown } from '../text';

const URI = 6;
const DIRECTORY = 4;
const POINTS = 'extensions.cRLDistributionPoints';
const ACCESS = 'extensions.authorityInfoAccess';

export const locationChecks = {
  'cdp-point-named': {
    source: 'RFC 5280, 4.2.1.13',
    severity: 'error',
    run: ({ values: { cRLDistributionPoints = [] } }, report) => {
      for (const { hasName, hasReasons, hasIssuer } of cRLDistributionPoints) {
        if (!hasName && !hasIssuer)
          report(POINTS, hasReasons ? 'reasons' : '—', 'distributionPoint | cRLIssuer');
      }
    },
  },
  'cdp-all-reasons': {
    source: 'RFC 5280, 4.2.1.13',
    severity: 'error',
    run: ({ values: { cRLDistributionPoints } }, report) => {
      if (cRLDistributionPoints?.every(({ hasReasons }) => hasReasons) === true)
        report(POINTS, 'reasons', '≥ 1 × —');
    },
  },
  'cdp-uri-form': {
    source: 'RFC 5280, 4.2.1.13',
    severity: 'error',
    run: ({ values: { cRLDistributionPoints = [] } }, report) => {
      for (const { fullName, hasName } of cRLDistributionPoints) {
        if (hasName && fullName.length === 0) report(POINTS, 'nameRelativeToCRLIssuer', 'fullName');
        for (const name of fullName) {
          if (name.tag !== DIRECTORY && !isUriLocation(name)) report(POINTS, describe(name), ALLOWED);
        }
      }
    },
  },
  'aia-method-known': {
    source: 'RFC 5280, 4.2.2.1',
    severity: 'warning',
    run: ({ values: { authorityInfoAccess = [] } }, report) => {
      for (const { method } of authorityInfoAccess) {
        if (method !== OCSP_ACCESS && method !== CA_ISSUERS_ACCESS)
          report(ACCESS, method, 'id-ad-ocsp | id-ad-caIssuers');
      }
    },
  },
  'aia-uri-form': {
    source: 'RFC 5280, 4.2.2.1; RFC 6960, 3.1',
    severity: 'error',
    run: ({ values: { authorityInfoAccess = [] } }, report) => {
      for (const { location } of authorityInfoAccess) {
        if (!isUriLocation(location)) report(ACCESS, describe(location), ALLOWED);
      }
    },
  },
  'status-source-present': {
    source: 'RFC 5280, 4.2.1.13, 4.2.2.1',
    severity: 'warning',
    run: ({ isSelfIssued, values }, report) => {
      const { cRLDistributionPoints, authorityInfoAccess = [], ocspNoCheck } = values;
      const isAnswered = authorityInfoAccess.some(({ method }) => method === OCSP_ACCESS);
      if (!isSelfIssued && ocspNoCheck !== true && cRLDistributionPoints === undefined && !isAnswered) {
        report('extensions', '—', 'cRLDistributionPoints | authorityInfoAccess (OCSP)');
      }
    },
  },
} as const satisfies Partial<Checks<CheckId>>;

const ALLOWED = 'http(s)://… | ldap(s)://…';

function isUriLocation(name: DerNode): boolean {
  return name.tag === URI && isLocation(name.latin1);
}

function describe(name: DerNode): string {
  return name.tag === URI ? shown(name.latin1) : hexOf(name);
}
