/** Run by Jest once, before the first test file. */
import { makeTemplateFolder } from './worldTemplates';

export = makeTemplateFolder;
