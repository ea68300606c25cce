/** What is said to people, in Vietnamese and English: the texts' types, the choice of language, the form of dates. */
export { formatDate } from './dates';
export { problemTexts } from './errors/problems';
export { LANGS, langFrom, langOfEnvironment } from './lang';
export { filled, type Phrase } from './phrase';
export { inVietnamese } from './quoted';
export { quotedIn, text, type Lang } from './text';
