/**
 * Certificates that real lists contain, so that a message can name the certificate of a thumbprint.
 * Source: the certificates themselves, hashed; names and signers as they state them.
 */
const KNOWN: Readonly<Record<string, string>> = {
  '9e99a48a9960b14926bb7f3b02e22da2b0ab7280':
    'Starfield Services Root CA - G2, cross-signed by Starfield Class 2 (served by Amazon hosts until August 2024)',
  '0ed4389da291346f6c47f0e3c9a6fa7965a32322':
    'Starfield Services Root CA - G2, cross-signed by Starfield Class 2 (another certificate of the same key)',
  '925a8f8d2c6d04e0665f596aff22d863e8256f3f': 'Starfield Services Root CA - G2, self-signed',
  ad7e1c28b064ef8f6003402014c3d0e3370eb58a:
    'Starfield Class 2 root, which servers do not send (tools that read a local trust store print it)',
  '06b25927c42a721631c1efd9431e648fa62e1e39':
    'Amazon Root CA 1, cross-signed by Starfield Services Root CA - G2',
  bee49a10fda4abdd9c8b477d2d3df836eb7bd707:
    'Amazon Root CA 1, cross-signed by Starfield Services Root CA - G2',
  '8da7f965ec5efc37910f1c6e59fdc1cc6a6ede16': 'Amazon Root CA 1, self-signed',
  '2d95b685579e358cd8d7b3a50186a5b08d8de0e4':
    'Amazon Root CA 3, cross-signed by Starfield Services Root CA - G2',
  '6938fd4d98bab03faadb97b34396831e3780aea1':
    'DigiCert TLS RSA SHA256 2020 CA1 (served by GitHub Actions until 2023)',
  '1c58a3a8518e8759bf075b76b750d4f2df264fcd':
    'DigiCert TLS RSA SHA256 2020 CA1 (served by GitHub Actions until 2023)',
  a8985d3a65e5e5c4b2d7d66d40c6dd2fb19c5436: 'DigiCert Global Root CA, self-signed',
  '933c6ddee95c9c41a40f9f50493d82be03ad87bf': 'ISRG Root X1, cross-signed by DST Root CA X3',
  cabd2a79a1076a31f21d253635cb039d4329a5e8: 'ISRG Root X1, self-signed',
  '08745487e891c19e3078c1f2a07e452950ef36f6': 'GTS Root R1, cross-signed by GlobalSign Root CA',
  '932bed339aa69212c89375b79304b475490b89a0': 'GTS Root R4, cross-signed by GlobalSign Root CA',
  '990f4193972f2becf12ddeda5237f9c952f20d9e':
    'example value of the AWS documentation, not a real certificate',
};

/** Values that people copied from setup guides of that year, and that no server uses any more. */
const RECIPES: Readonly<Record<string, number>> = {
  '9e99a48a9960b14926bb7f3b02e22da2b0ab7280': 2022,
  '6938fd4d98bab03faadb97b34396831e3780aea1': 2022,
  '1c58a3a8518e8759bf075b76b750d4f2df264fcd': 2023,
};

/** The year of the setup guides that a listed thumbprint (lower-case hex) comes from, or null. */
export const recipeYear = (thumbprint: string): number | null => RECIPES[thumbprint] ?? null;

/** For the self-signed ones, the first attribute of the issuer's name as certificates below them write it. */
const ROOT_NAMES: Readonly<Record<string, string>> = {
  '925a8f8d2c6d04e0665f596aff22d863e8256f3f': 'CN=Starfield Services Root Certificate Authority - G2',
  ad7e1c28b064ef8f6003402014c3d0e3370eb58a: 'OU=Starfield Class 2 Certification Authority',
  '8da7f965ec5efc37910f1c6e59fdc1cc6a6ede16': 'CN=Amazon Root CA 1',
  a8985d3a65e5e5c4b2d7d66d40c6dd2fb19c5436: 'CN=DigiCert Global Root CA',
  cabd2a79a1076a31f21d253635cb039d4329a5e8: 'CN=ISRG Root X1',
};

/** Whether a thumbprint is that of a well-known root of this name. `issuer` is a name in one line. */
export const isKnownRoot = (thumbprint: string, issuer: string): boolean => {
  const name = ROOT_NAMES[thumbprint];
  return name !== undefined && (issuer === name || issuer.startsWith(`${name}, `));
};

/** The name of a well-known certificate by its thumbprint (lower-case hex), or null. */
export const knownCertificate = (thumbprint: string): string | null =>
  Object.hasOwn(KNOWN, thumbprint) ? (KNOWN[thumbprint] ?? null) : null;
