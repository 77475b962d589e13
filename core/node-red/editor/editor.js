/** Runs in the flow editor before Node-RED's own start: language, and refused deploys that lead to the node. */
(function () {
  const CONSOLE_LANGUAGE = 'lpr.locale';
  const FOLLOWED = 'lpr.editor-followed';
  const TIPS_SETTLED = 'lpr.editor-tips';
  const EDITOR_LANGUAGE = 'editor-language';

  // The editor takes the console's language over whenever that was changed; a choice made in the editor stays until then.
  const chosen = localStorage.getItem(CONSOLE_LANGUAGE);
  if (chosen && chosen !== localStorage.getItem(FOLLOWED)) {
    localStorage.setItem(EDITOR_LANGUAGE, chosen === 'th' ? 'th' : 'en-US');
    localStorage.setItem(FOLLOWED, chosen);
  }

  const language = () => localStorage.getItem(EDITOR_LANGUAGE) || RED.i18n.detectLanguage();
  $.ajaxPrefilter((options) => {
    if (/^flows?\b/.test(options.url)) options.headers = { ...options.headers, 'Accept-Language': language() };
  });

  // Tips about the editor lie over the explanation of the flow: off at first, and anybody may switch them on.
  RED.events.on('flows:loaded', () => {
    if (localStorage.getItem(TIPS_SETTLED)) return;
    localStorage.setItem(TIPS_SETTLED, 'yes');
    if (RED.settings.get('editor')?.view?.['view-show-tips']) RED.userSettings.toggle('view-show-tips');
  });

  // Node-RED has no Thai of its own: our nodes and their help have, so the language can be chosen.
  RED.events.on('flows:loaded', () => {
    const { languages } = RED.settings.editorTheme;
    if (languages.includes('th')) return;
    languages.push('th');
    for (const lng of ['en-US', language()]) i18next.addResource(lng, 'editor', 'languages.th', 'ไทย');
  });

  // Why a deploy was refused stays until it is clicked away; Node-RED would hide it after five seconds.
  $(document).ajaxError((_event, { status }, { url }) => {
    if (status !== 422 || url !== 'flows') return;
    setTimeout(() => {
      for (const link of document.querySelectorAll('[data-lpr-node]')) {
        clearTimeout(link.closest('.red-ui-notification')?.timeoutid);
      }
    });
  });

  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('[data-lpr-node]');
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    RED.view.reveal(link.dataset.lprNode);
  });
})();
