// What a newcomer's commands are expected to do, and which of them cannot be tried here, each with its
// reason. The test fails for a command that no row speaks of, and for a row that no command needs.

/** Commands that end: standard output and error together match, and the exit code is 0. */
export const ENDS: readonly (readonly [command: RegExp, outcome: RegExp])[] = [
  [/^node --version$/, /^v\d+\.\d+\.\d+$/m],
  [
    /^curl --data-binary "@models\S+" \S+\/api\/v1\/caption -H "Accept: text\/plain"$/,
    /^The image/m,
  ],
  [/^curl -H "Accept: text\/plain" /, /^The image/m],
  [/^curl --data-binary "@photo\.jpg" "\S+\?task=od"$/, /"task":\s*"od".*"box"/s],
  [/^curl -H "Accept: image\/svg\+xml" .* -o boxes\.svg /, /^(?!.*error)/s],
  [/^curl -F "file=@a\.jpg" -F "file=@b\.png" -F "task=caption,ocr" /, /"task":\s*"ocr"/],
  [/^curl -F "file=@photo\.jpg" -F task=ground /, /"task":\s*"\w*ground/],
  [
    /^curl -F "file=@photo\.jpg" -F task=region_to_description /,
    /"task":\s*"region_to_description"/,
  ],
  [/^curl -s \S+\/v1\/chat\/completions .*"json_schema"/s, /"content":\s*"\{/],
  [/^curl -s \S+\/mcp /, /"tools":\s*\[/],
  [/^flocap doctor$/, /FloCap works here\./],
  [/^flocap models$/, /no models|flocap-demo|compiled/i],
  [/^flocap models prune$/, /./],
  [/^flocap caption photo\.jpg$/, /^The image shows /m],
  [
    /^flocap caption --task "caption,od" scene\.png$/,
    /^caption: .*^od: \S+: \d+, \d+, \d+, \d+$/ms,
  ],
  [/^flocap caption --task od --draw found\.png photo\.jpg$/, /^\S+: \d+, \d+, \d+, \d+$/m],
  // The demo is not always as sure as that.
  [/^flocap caption .*--min-score 0\.3 /, /captioned \d+/],
  [/^flocap caption (?!--watch).*--(?:format|embed)\b/, /captioned [1-9]\d*\b(?!.*failed [1-9])/],
]

/**
 * Commands that stay: what they print shows that they do what they are for, or a file that they write
 * does and what they print at their end; then they are ended, by Ctrl-C.
 */
export const STAYS: readonly (readonly [command: RegExp, sign: RegExp, file?: string])[] = [
  [/^npm start$/, /Ready/],
  [/^flocap(?: --listen| --allow\S+)*(?: [\w.:,*"]+)?$/, /Ready/],
  [/^flocap --listen --allowed-hosts /, /Ready/],
  [/^flocap caption --watch /, /captioned 1/, 'inbox/inbox.txt'],
  [/^flocap review /, /http:\/\/127\.0\.0\.1:\d+/],
]

/** What cannot be tried where there is no network, no container and no other program. */
export const NOT_HERE: readonly (readonly [command: RegExp, reason: string])[] = [
  [/^npm run capacity/, 'takes minutes of both cores; tools/capacity has tests of its own'],
  [/^npm install bullmq|--queue redis:/, 'needs Redis and two packages more'],
  [
    /^kubectl |^\(cd deploy && kustomize /,
    'needs a cluster; test/e2e/kubernetes.test.ts checks the manifests',
  ],
  [/^npm ci$/, 'fetches every package; CI has run it in this clone'],
  [
    /^flocap caption --server http:\/\/gpu-box/,
    'asks another machine; test/e2e/caption-batch.test.ts runs it',
  ],
  [/^git pull$/, 'the repository has no remote here'],
  [
    /--model base|pull |flocap --adapter|--model \.\/path|verify large|remove large/,
    'needs a model from the Hub',
  ],
  [/^npm install --global /, 'changes the machine; test/e2e/package.test.ts installs the tarball'],
  [/^tar xzf flocap-linux-x64|^\.\/flocap-\*/, 'needs the archive; test/portable runs it'],
  [/^docker /, 'needs a container engine'],
  [/choose-a-key/, 'asks a container'],
  [
    /^cp deploy\/flocap\.service|^echo FLOCAP_MODEL=base > \/etc|^systemctl|^journalctl/,
    'needs systemd',
  ],
  [
    /^flocap mcp --server /,
    'speaks to a program, not to a person; test/e2e/mcp.test.ts is that program',
  ],
  [/^claude |^export ANTHROPIC_/, 'belongs to a client; test/clients runs the real ones'],
  [/ONNXRUNTIME_NODE_INSTALL|^npm run build$|--device webgpu/, 'needs a graphics card, and NuGet'],
  [/^npm run acceptance/, 'needs published models; test/e2e/acceptance.test.ts runs the program'],
  [
    /^flocap caption .*--embed/,
    'needs ExifTool; test/e2e/embed.test.ts runs it where there is one',
  ],
]
