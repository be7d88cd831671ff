// kohya's scripts read `{a|b}` in a caption as a choice; doubled braces are braces.

export function escapeForKohya(text: string): string {
  return text.replaceAll('{', '{{').replaceAll('}', '}}')
}
