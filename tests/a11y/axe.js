// axe-core over what is on the page: the rules of WCAG 2.2 AA and its best practices, with the sizes of targets and with
// names that begin with what is to be seen, which it leaves out by itself.
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const RULES = { "target-size": { enabled: true }, "label-content-name-mismatch": { enabled: true } };

/**
 * What is wrong with the page as it is now.
 * @param {import("playwright-core").Page} page with axe in it
 * @returns {Promise<string[]>} a line each
 */
export async function violations(page) {
  return page.evaluate(
    async ([tags, rules]) => {
      const { violations } = await window.axe.run(document, {
        runOnly: { type: "tag", values: tags },
        rules,
        resultTypes: ["violations"],
      });
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)}: ${failureSummary.replace(/\s+/g, " ")}`),
      );
    },
    [TAGS, RULES],
  );
}
