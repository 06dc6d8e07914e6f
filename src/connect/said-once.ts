type Listener = (line: string) => void;

/**
 * A server that ended over the question what it is gets started once more, and most likely says
 * the same again. Makes a listener for each start: from the second on it hears what is new.
 */
export function saidOnce(listener: Listener, lengthMax: number): () => Listener {
  const first: string[] = [];
  let length = 0;
  let isFirst = true;

  const remember: Listener = (line) => {
    length += line.length + 1;
    if (length <= lengthMax) first.push(line);
    listener(line);
  };
  return () => {
    if (isFirst) {
      isFirst = false;
      return remember;
    }
    let at = 0;
    return (line) => {
      if (at < first.length && first[at] === line) at++;
      else {
        // Where it differs once, whatever follows is another story.
        at = Infinity;
        listener(line);
      }
    };
  };
}
