/** As many as Linux follows. */
const MOST_LINKS = 40;

/**
 * Source that changes `target`, a path that is no option, to where it leads as long as it is a link, also
 * a last one that leads nowhere yet. `fail` makes the command that ends the script with some words.
 */
export function followTarget(fail: (words: string) => string): string {
  return `links=0
while [ -L "$target" ]; do
  links=$((links + 1))
  [ "$links" -le ${MOST_LINKS} ] || ${fail("too many levels of symbolic links")}
  link=$(readlink "$target" && printf x) || ${fail("cannot read the symbolic link")}
  link=\${link%x} link=\${link%$'\\n'}
  case $link in
    /*) target=$link ;;
    *) case $target in
      */*) target=\${target%/*}/$link ;;
      *) target=./$link ;;
    esac ;;
  esac
done
`;
}
