/** Subject templates: which attributes a certified name has, in which order, how often, and with which fixed values. */
import { z } from 'zod';
import type { Problem } from '../errors';
import { CHARACTER_SETS, outsideCharacterSet, type CharacterSetName } from './characterSets';
import { valuesEqual } from './nameComparison';
import { ATTRIBUTE_TYPES, type AttributeType, type Name, type NameAttribute } from './names';
import { checkNameValue } from './nameValues';

/** One place of a template. */
export interface TemplateAttribute {
  readonly type: AttributeType;
  /** The only values allowed, letter for letter; any well-formed value if absent. */
  readonly values?: readonly string[] | undefined;
  /** Least and greatest number of attributes of this type. */
  readonly min: number;
  readonly max: number;
  /** Least and greatest number of characters (code points), within what RFC 5280 allows the type. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** The set every character must be of. */
  readonly characters?: CharacterSetName;
}

/** The places in the order of the name; each type stands at one place only. */
export type SubjectTemplate = readonly TemplateAttribute[];

const MAX_PLACES = 20;
const MAX_OF_ONE_TYPE = 10;
const MAX_VALUES = 100;
/** The rules on the length and characters of a place's values, as profiles and grants write them alike. */
export const valueRules = {
  minLength: z.int().min(1).max(256).exactOptional(),
  maxLength: z.int().min(1).max(256).exactOptional(),
  characters: z.enum(CHARACTER_SETS).exactOptional(),
} as const;

/**
 * One place as people write it: `value` for a single allowed value, `required` (default true) for `min` 1 or 0. The
 * normalised form is accepted too, so that a stored template reads back as itself.
 */
const templateAttributeSchema = z
  .strictObject({
    type: z.enum(ATTRIBUTE_TYPES),
    value: z.string().normalize('NFC').exactOptional(),
    values: z.array(z.string().normalize('NFC')).min(1).max(MAX_VALUES).exactOptional(),
    required: z.boolean().exactOptional(),
    min: z.int().min(0).max(MAX_OF_ONE_TYPE).exactOptional(),
    max: z.int().min(1).max(MAX_OF_ONE_TYPE).exactOptional(),
    ...valueRules,
  })
  .superRefine((place, context) => {
    const bad = (path: readonly (string | number)[], message: string): void => {
      context.addIssue({ code: 'custom', path: [...path], message });
    };
    if (place.value !== undefined && place.values !== undefined) bad(['value'], 'value | values');
    if (place.required !== undefined && place.min !== undefined) bad(['required'], 'required | min');
    if ((place.min ?? 0) > (place.max ?? Math.max(1, place.min ?? 0))) bad(['min'], `≤ ${place.max ?? 1}`);
    const { minLength = 1, maxLength } = place;
    if (maxLength !== undefined && minLength > maxLength) bad(['minLength'], `≤ ${maxLength}`);
    const check = (value: string, path: readonly (string | number)[]): void => {
      for (const { allowed } of [
        ...checkNameValue(place.type, value, ''),
        ...checkValueRules(place, value, ''),
      ]) {
        bad(path, allowed);
      }
    };
    place.values?.forEach((value, index) => {
      check(value, ['values', index]);
    });
    if (place.value !== undefined) check(place.value, ['value']);
  })
  .transform(({ type, value, values, required, min, max, ...rules }): TemplateAttribute => {
    const least = min ?? (required === false ? 0 : 1);
    const only = value === undefined ? values : [value];
    return {
      type,
      ...(only === undefined ? {} : { values: only }),
      min: least,
      max: max ?? Math.max(1, least),
      ...rules,
    };
  });

/** A template as it stands in a profile. */
export const subjectTemplateSchema = z
  .array(templateAttributeSchema)
  .min(1)
  .max(MAX_PLACES)
  .superRefine((template, context) => {
    template.forEach(({ type }, index) => {
      if (template.findIndex((place) => place.type === type) < index) {
        context.addIssue({ code: 'custom', path: [index, 'type'], message: `${type}: 1 ×` });
      }
    });
  });

/**
 * Everything in which a name departs from the template: attributes it has no place for, another order, too few or
 * too many, values other than the fixed ones, and values no certificate may hold (`checkNameValue`).
 * @param where the path under which problems are named
 * @returns problems with the codes `MISSING` and `BAD_VALUE`; empty when the name fits
 */
export function matchSubject(template: SubjectTemplate, name: Name, where = 'subject'): readonly Problem[] {
  const order = template.map(({ type }) => type);
  const known = name.filter(({ type }) => order.includes(type));
  const ranks = known.map(({ type }) => order.indexOf(type));
  const problems: Problem[] = name
    .filter(({ type }) => !order.includes(type))
    .map(({ type, value }) => ({
      code: 'BAD_VALUE',
      where: `${where}.${type}`,
      found: value,
      allowed: order.join(', '),
    }));
  if (ranks.some((rank, index) => rank < (ranks[index - 1] ?? 0))) {
    const found = known.map(({ type }) => type).join(', ');
    problems.push({ code: 'BAD_VALUE', where, found, allowed: order.join(', ') });
  }
  return [...problems, ...template.flatMap((place) => matchPlace(place, name, `${where}.${place.type}`))];
}

function matchPlace(place: TemplateAttribute, name: Name, where: string): readonly Problem[] {
  const { type, values, min, max } = place;
  const found = name.filter((attribute) => attribute.type === type).map(({ value }) => value);
  const problems = found.flatMap((value) => checkValue(place, value, where));
  if (found.length >= min && found.length <= max) return problems;
  const count: Problem = {
    code: found.length === 0 ? 'MISSING' : 'BAD_VALUE',
    where,
    found: `${found.length} ×`,
    allowed: [min === max ? `${min} ×` : `${min}–${max} ×`, ...(values ?? [])].join(' | '),
  };
  return [count, ...problems];
}

/** The rules of every value, and a fixed one letter for letter: others take another spelling for another name. */
function checkValue(place: TemplateAttribute, value: string, where: string): readonly Problem[] {
  const { type, values } = place;
  const general = checkNameValue(type, value, where);
  const problems = general.length > 0 ? general : checkValueRules(place, value, where);
  if (values === undefined || values.includes(value)) return problems;
  // A fixed value that is badly spelled is told as that alone.
  if (problems.length > 0 && values.some((fixed) => valuesEqual(fixed, value))) return problems;
  return [...problems, { code: 'BAD_VALUE', where, found: value, allowed: values.join(' | ') }];
}

/** A place's own rules on one value: its length and its characters. */
function checkValueRules(
  { minLength = 1, maxLength, characters }: Pick<TemplateAttribute, keyof typeof valueRules>,
  value: string,
  where: string,
): readonly Problem[] {
  const problems: Problem[] = [];
  const length = Array.from(value).length;
  if (length < minLength || (maxLength !== undefined && length > maxLength)) {
    const allowed = maxLength === undefined ? `length ≥ ${minLength}` : `length ${minLength}–${maxLength}`;
    problems.push({ code: 'BAD_VALUE', where, found: `${length}`, allowed });
  }
  const allowed = characters && outsideCharacterSet(characters, value);
  if (allowed !== undefined) problems.push({ code: 'BAD_VALUE', where, found: value, allowed });
  return problems;
}

/**
 * Makes a name from what is given, in the template's order: a required place with exactly one fixed value is filled
 * in, a fixed value is spelled as in the template, and every other value is composed (NFC), since the keyboards and tools
 * of some systems give letters and marks apart. Nothing else is mended.
 * The result is a proposal for `matchSubject` to judge: attributes without a place stay, at the end.
 */
export function fillSubject(template: SubjectTemplate, given: readonly NameAttribute[]): Name {
  const placed = template.flatMap(({ type, values = [], min }): readonly NameAttribute[] => {
    const own = given.filter((attribute) => attribute.type === type);
    const [only, ...others] = values;
    if (own.length === 0 && min > 0 && only !== undefined && others.length === 0)
      return [{ type, value: only }];
    const asFixed = (value: string): string | undefined => values.find((fixed) => valuesEqual(fixed, value));
    return own.map(({ value }) => ({ type, value: asFixed(value) ?? value.normalize('NFC') }));
  });
  return [...placed, ...given.filter(({ type }) => template.every((place) => place.type !== type))];
}
