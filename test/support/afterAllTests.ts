/** Run by Jest once, after the last test file. */
import { removeTemplateFolder } from './worldTemplates';

export = removeTemplateFolder;
