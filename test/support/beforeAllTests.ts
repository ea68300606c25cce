/** Run by Jest once, before the first test file. */
import { makeClusterFolder } from './postgresCluster';
import { makeTemplateFolder } from './worldTemplates';

export = (): void => {
  makeTemplateFolder();
  makeClusterFolder();
};
