// Imported first: whatever goes wrong on this page is kept where a test can see it.
declare global {
  interface Window { reportErrors: string[] }
}

window.reportErrors = [];
addEventListener('error', event => window.reportErrors.push(String(event.message)));
addEventListener('unhandledrejection', event => window.reportErrors.push(String(event.reason)));
document.addEventListener('securitypolicyviolation', event =>
  window.reportErrors.push(`${event.violatedDirective}: ${event.blockedURI}`));

export {};
