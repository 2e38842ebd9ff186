/** An event of a stream of server-sent events. */
export interface ServerEvent {
  event: string;
  data: string;
  id: string;
}

/** Takes pieces of a stream as they come and gives the events that are whole. */
export function eventReader(onEvent: (event: ServerEvent) => void): (piece: string) => void {
  let open = '';
  let [event, id, data] = ['', '', [] as string[]];
  const line = (text: string) => {
    if (text === '') {
      if (data.length > 0) onEvent({ event: event || 'message', data: data.join('\n'), id });
      [event, data] = ['', []];
      return;
    }
    const colon = text.indexOf(':');
    const name = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'event') event = value;
    else if (name === 'data') data.push(value);
    else if (name === 'id') id = value;
  };
  return piece => {
    open += piece;
    let from = 0;
    for (let end = open.indexOf('\n'); end >= 0; end = open.indexOf('\n', from)) {
      line(open.slice(from, open[end - 1] === '\r' ? end - 1 : end));
      from = end + 1;
    }
    open = open.slice(from);
  };
}
