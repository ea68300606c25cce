/** Configuration: YAML files held to a schema, and every problem told with its place. */
export { ConfigError } from './errors';
export { hasPassword, schemaProblems } from './schemaProblems';
export { readYaml, writeYaml } from './yaml';
export { readYamlFile } from './yamlFile';
export {
  asideOf,
  fileSha256,
  makePrivateFolder,
  readAt,
  readFileBounded,
  readSmallFile,
  reasonOf,
  requireWritable,
  syncFolder,
  writeFileDurably,
} from './files';
export { FileWriter } from './fileWriter';
export { findOrganisation, TEMPLATES, type Organisation } from './templates';
export { filledConfig } from './fillTemplate';
export { credentialPath, readSecretFile, secretLine, type SecretFault } from './secretFile';
