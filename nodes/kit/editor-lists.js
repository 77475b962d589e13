/**
 * Runs in the flow editor. Forms pick cameras, engines, blacklists, geofences, channels and connectors from the hub's lists, and labels show
 * their names; the console's own session cookie opens the lists.
 */
(function () {
  if (window.lprLists) return;

  const LISTS = {
    cameras: { address: '/api/v1/cameras', id: 'cameraId', name: 'name' },
    engines: { address: '/api/v1/engines', id: 'id', name: 'id' },
    blacklists: { address: '/api/v1/blacklists', id: 'blacklistId', name: 'name' },
    geofences: { address: '/api/v1/geofences?limit=1000', id: 'geofenceId', name: 'name' },
    alertChannels: { address: '/api/v1/alert-channels', id: 'channelId', name: 'name' },
    escalations: { address: '/api/v1/escalations', id: 'escalationId', name: 'name' },
    connectors: { address: '/api/v1/connectors', id: 'connectorId', name: 'name' },
  };
  /** Source → its items once fetched; labels are drawn from it and must not wait. */
  const known = new Map();
  const asked = new Map();

  function fetchList(source) {
    const { address, id, name } = LISTS[source];
    return $.getJSON(address).then(({ items }) => {
      known.set(
        source,
        items.map((item) => ({ ...item, value: item[id], text: item[name] })),
      );
      return known.get(source);
    });
  }

  /** `needs`: nothing, `key` (must be true), or `key=value`. */
  function isOffered(item, needs) {
    if (!needs) return true;
    const [key, value] = needs.split('=');
    return value === undefined ? item[key] === true : item[key] === value;
  }

  function nameOf(source, value) {
    if (!known.has(source)) {
      if (!asked.has(source)) {
        asked.set(
          source,
          fetchList(source).done(() => {
            RED.nodes.eachNode((node) => {
              if (node.type.startsWith('lpr-')) Object.assign(node, { dirty: true, resize: true });
            });
            RED.view.redraw();
          }),
        );
      }
      return '';
    }
    return known.get(source).find((item) => item.value === value)?.text ?? '';
  }

  window.lprLists = {
    /** `locate: classical`: the node's word and what was chosen in the fields that say most about it. */
    label(node, summary) {
      const parts = summary
        .map(({ key, source }) => {
          const value = node[key];
          return source && value ? nameOf(source, value) : value;
        })
        .filter((part) => part !== '' && part !== undefined);
      const word = node._('label');
      return parts.length > 0 ? `${word}: ${parts.join(', ')}` : word;
    },
    fill(node, lists) {
      for (const { key, source, needs } of lists) {
        const select = $(`#node-input-${key}`);
        const draw = (items, chosen, nameless) => {
          const add = (value, text) => $('<option>').val(value).text(text).appendTo(select);
          select.empty();
          add('', node._(`field.${key}.any`));
          for (const item of items) if (isOffered(item, needs) || item.value === chosen) add(item.value, item.text);
          if (chosen && !items.some((item) => item.value === chosen)) add(chosen, nameless);
          select.val(chosen);
        };
        // What was chosen stands there from the start: the form may be closed before the list has come.
        draw([], node[key] ?? '', nameOf(source, node[key]) || '…');
        fetchList(source)
          .done((items) => draw(items, select.val(), node._(`field.${key}.gone`)))
          .fail(() => draw([], select.val(), select.val()));
      }
    },
  };
})();
