/** Run by Jest once, after the last test file. */
import { removeSharedCluster } from './postgresCluster';
import { removeTemplateFolder } from './worldTemplates';

export = (): void => {
  removeTemplateFolder();
  removeSharedCluster();
};
