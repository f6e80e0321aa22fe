declare module 'virtual:spec-rules' {
  export const specRules: import('../../rules/spec-rules.js').SpecRules;
}
