;;; session.el --- A person's session in Emacs: type a comment, choose an action, save  -*- lexical-binding: t; -*-

;; DOWSE_FILE is opened, DOWSE_COMMENT typed before its first `return', and what the menu showed is
;; written to DOWSE_REPORT as JSON.  The keys that a person would press stand in for the person.

(require 'dowse)
(require 'json)
(require 'python)

(setq eglot-sync-connect 120
      eglot-confirm-server-initiated-edits nil
      make-backup-files nil
      create-lockfiles nil
      require-final-newline nil
      coding-system-for-read 'utf-8)
(setq-default eglot-workspace-configuration '(:dowse (:vectors :json-false :maxResults 3)))

(defun session-wait (state what)
  "Wait until STATE returns non-nil; WHAT is named if it never does."
  (let ((end (+ (float-time) 120)))
    (while (not (funcall state))
      (when (> (float-time) end) (error "Timeout: %s" what))
      (accept-process-output nil 0.05))))

(defun session-indexed ()
  "Whether the server has indexed the project."
  (let ((status (jsonrpc-request (eglot--current-server-or-lose) :workspace/executeCommand
                                 '(:command "dowse.status"))))
    (and (> (plist-get status :files) 0) (eq (plist-get status :indexing) :json-false))))

(defun session-menu (prompt choices &rest _)
  "Take the first of CHOICES and remember all of them; PROMPT is not shown."
  (ignore prompt)
  (setq session-shown (all-completions "" choices))
  (car session-shown))

(defvar session-shown nil "The titles in the menu.")
(defvar session-completions nil "What completion offered.")

(defun session-complete ()
  "What `completion-at-point' offers at the end of the comment."
  (let ((capf (eglot-completion-at-point)))
    (mapcar #'substring-no-properties (all-completions "" (nth 2 capf)))))

(defun session-run ()
  "The session."
  (find-file (getenv "DOWSE_FILE"))
  (dowse)
  (goto-char (point-min))
  (re-search-forward "^    return ")
  (beginning-of-line)
  (insert (getenv "DOWSE_COMMENT") "\n")
  (backward-char)
  (eglot--signal-textDocument/didChange)
  (session-wait #'session-indexed "the index")
  (setq session-completions (session-complete))
  (cl-letf (((symbol-function 'completing-read) #'session-menu)
            (last-nonmenu-event ?x))
    (call-interactively #'eglot-code-actions))
  (save-buffer)
  (with-temp-file (getenv "DOWSE_REPORT")
    (insert (json-encode `((titles . ,(vconcat session-shown))
                           (completions . ,(vconcat session-completions))))))
  (eglot-shutdown (eglot-current-server)))

(session-run)
;;; session.el ends here
