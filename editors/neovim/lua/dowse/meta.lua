---@meta

--- What |vim.g.dowse| may hold; a function that returns it will do as well.
---@class dowse.Opts
---@field cmd? string[] the command that starts the server
---@field autostart? boolean start with the first file that has a type
---@field ghost_text? boolean|dowse.GhostTextOpts show the best snippet while typing
---@field picker? dowse.PickerName what shows the hits
---@field settings? table<string, any> settings of the server, without the leading `dowse.`

---@class dowse.GhostTextOpts
---@field enabled? boolean
---@field delay? integer milliseconds without a key before the server is asked
---@field max_lines? integer lines that are shown; all of them are inserted

---@alias dowse.PickerName "window"|"select"|"telescope"|"fzf-lua"|"snacks"

--- The options with every default filled in.
---@class dowse.Options
---@field cmd string[]
---@field autostart boolean
---@field ghost_text { enabled: boolean, delay: integer, max_lines: integer }
---@field picker dowse.PickerName
---@field settings table<string, any>

--- A snippet that was found, as the server tells it.
---@class dowse.Hit
---@field symbol string
---@field kind "function"|"method"|"class"|"block"
---@field language string
---@field uri string
---@field path string
---@field startLine integer counted from 0
---@field endLine integer
---@field location string package or cookbook, file and line, for a person
---@field source "workspace"|"dependency"|"cookbook"|"team"
---@field package? string
---@field version? string
---@field license? string
---@field score number
---@field why string[]
---@field text string
---@field indentation string what stands before the first line of `text` in its file

---@class dowse.Answer
---@field tier "lexical"|"partial"|"full"
---@field state string what the answer rests on, as a sentence
---@field hits dowse.Hit[]
---@field words? string

---@class dowse.Status
---@field tier "lexical"|"partial"|"full"
---@field model string
---@field backend? { name: string, format: string, devices: string[] }
---@field indexing boolean
---@field cookbookWaits boolean
---@field work? { title: string, done: integer, total: integer, unit: string }
---@field folders string[]
---@field files integer
---@field snippets integer
---@field packages integer
---@field vectors? { done: integer, total: integer }

---@alias dowse.Callback fun(problem: string?, result: any)

--- What a picker is asked to show: fixed hits, or a search that follows the typed words.
---@class dowse.PickerSpec
---@field title string
---@field answer? dowse.Answer
---@field search? fun(words: string, callback: dowse.Callback): fun() returns what cancels it
---@field words? string what the search starts with
---@field insert fun(hit: dowse.Hit)
---@field open fun(hit: dowse.Hit)
