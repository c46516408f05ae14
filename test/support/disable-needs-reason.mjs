/** A rule of the linter: `eslint-disable… RULE -- REASON` names its rules and says why. @type {import('eslint').Rule.RuleModule} */
export const disableNeedsReason = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      reason: 'Say why: `eslint-disable-next-line RULE -- REASON`.',
      rule: 'Name the rules that are switched off here.',
    },
  },
  create: (context) => ({
    Program() {
      for (const comment of context.sourceCode.getAllComments()) {
        const match = /^\s*eslint-disable(?:-next-line|-line)?(?=\s|$)([\s\S]*)$/.exec(comment.value);
        if (match === null) continue;
        const [rules = '', reason = ''] = match[1].split(/\s-{2,}\s/);
        // Without a place, so that the comment cannot switch off what is said about it.
        const loc = { line: comment.loc.start.line, column: 0 };
        if (rules.trim() === '') context.report({ loc, messageId: 'rule' });
        if (reason.trim().length < 10) context.report({ loc, messageId: 'reason' });
      }
    },
  }),
};
