/** Each rule that a journal can break has its words. */
import { FINDING_CODES } from '../../src/delegation';
import { findingTexts, toldFinding } from '../../src/i18n/messages/findingCodes';

test('every finding is told in words, its code behind them', () => {
  expect(Object.keys(findingTexts).sort()).toEqual([...FINDING_CODES].sort());
  expect(toldFinding('OUT_OF_SCOPE', 'vi')).toBe('vượt phạm vi ủy quyền [OUT_OF_SCOPE]');
  expect(toldFinding('OF_A_LATER_VERSION', 'vi')).toBe('OF_A_LATER_VERSION');
});
