"""The grammars without a definition table: their files get triggers and blocks of lines."""

OTHER_LANGUAGES = """
actionscript | .as
ada | .adb .ads
agda | .agda
apex | .apex .trigger
asm | .asm .s
astro | .astro
beancount | .beancount
bibtex | .bib
bicep | .bicep
bitbake | .bb .bbappend .bbclass
bsl | .bsl .os
cairo | .cairo
capnp | .capnp
clarity | .clar
clojure | .clj .cljs .cljc .edn
cmake | .cmake CMakeLists.txt
cobol | .cob .cbl .cpy
commonlisp | .lisp .lsp .cl .asd | lisp common-lisp | sbcl
cuda | .cu .cuh | cuda-cpp
d | .d .di
dart | .dart
dockerfile | .dockerfile Dockerfile Containerfile
dtd | .dtd
elisp | .el | emacs-lisp
elixir | .ex .exs | | elixir
elm | .elm
embeddedtemplate | .erb .ejs | erb html.erb ejs
erlang | .erl .hrl .escript | | escript
fennel | .fnl
firrtl | .fir
fish | .fish | | fish
fortran | .f .for .f77 .f90 .f95 .f03 .f08 | fortran-modern FortranFreeForm FortranFixedForm
fsharp | .fs .fsx | f#
fsharp_signature | .fsi
func | .fc
gdscript | .gd
gitattributes | .gitattributes
gitcommit | COMMIT_EDITMSG MERGE_MSG | git-commit
gitignore | .gitignore .dockerignore .npmignore .dowseignore .ignore | ignore
gleam | .gleam
glsl | .glsl .vert .frag .geom .comp .tesc .tese
gn | .gn .gni
gomod | go.mod | go.mod
graphql | .graphql .gql
groovy | .groovy .gradle .gvy Jenkinsfile | | groovy
hack | .hack .hhi
hare | .ha
haskell | .hs | | runhaskell runghc
haxe | .hx
hcl | .hcl
heex | .heex | phoenix-heex
hlsl | .hlsl .fx
hyprlang | hyprland.conf
ini | .ini .cfg .editorconfig .desktop .gitconfig
ispc | .ispc
janet | .janet | | janet
json | .json .jsonc .json5 .geojson .webmanifest .ipynb | jsonc json5
jsonnet | .jsonnet .libsonnet
julia | .jl | | julia
kconfig | Kconfig
kdl | .kdl
kotlin | .kt .kts | | kotlin
latex | .tex .sty .ltx | tex
linkerscript | .ld
llvm | .ll
luau | .luau
magik | .magik
make | .mk .mak Makefile makefile GNUmakefile | makefile | make
markdown | .md .markdown .mdown
matlab | .matlab | | octave
mermaid | .mmd .mermaid
meson | meson.build meson_options.txt meson.options
netlinx | .axs
nim | .nim .nims .nimble
ninja | .ninja
nix | .nix
nqc | .nqc
objc | .m .mm | objective-c objective-cpp
ocaml | .ml | | ocaml
ocaml_interface | .mli | ocaml.interface
odin | .odin
org | .org
pascal | .pas .pp .dpr .lpr | objectpascal delphi
perl | .pl .pm .t .psgi | perl5 | perl
po | .po .pot
pony | .pony
powershell | .ps1 .psm1 .psd1 | | pwsh powershell
prisma | .prisma
properties | .properties | java-properties
proto | .proto | proto3 protobuf
puppet | .puppet
purescript | .purs
qmldir | qmldir
qmljs | .qml | qml
query | .scm
r | .r | | Rscript
racket | .rkt | | racket
re2c | .re2c
rego | .rego
requirements | requirements.txt | pip-requirements
ron | .ron
rst | .rst | restructuredtext
scala | .scala .sc .sbt | | scala
scheme | .ss .sld | | guile
scss | .scss
smali | .smali
smithy | .smithy
solidity | .sol
sparql | .sparql .rq
squirrel | .nut
starlark | .bzl .bazel .star BUILD WORKSPACE Tiltfile | bazel
svelte | .svelte
swift | .swift | | swift
tablegen | .td
tcl | .tcl | | tclsh wish expect
terraform | .tf .tfvars
thrift | .thrift
toml | .toml Cargo.lock poetry.lock uv.lock Pipfile
twig | .twig
typst | .typ
udev | .rules
uxntal | .tal
v | .vsh
verilog | .v .sv .svh .vh | systemverilog
vhdl | .vhd .vhdl
vim | .vim .vimrc _vimrc | viml
vue | .vue
wast | .wast
wat | .wat
wgsl | .wgsl
xml | .xml .xsd .xsl .xslt .svg .rss .plist .csproj .xaml | xsl
yaml | .yaml .yml .clang-format .clang-tidy | dockercompose github-actions-workflow
yuck | .yuck
zig | .zig .zon
"""
"""One a line: grammar | endings and file names | further LSP ids | interpreters."""
