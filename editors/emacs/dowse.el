;;; dowse.el --- Find code from a sentence, through eglot  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0
;; Package-Requires: ((emacs "28.1") (eglot "1.9"))

;;; Commentary:

;; `M-x dowse' starts dowse for the project of the present buffer.  Eglot runs one server for each
;; kind of file and project, so this stands in place of another server; see editors/README.md.

;;; Code:

(require 'eglot)

(defgroup dowse nil
  "Find code from a sentence, on your own machine."
  :group 'tools)

(defcustom dowse-command '("dowse" "serve")
  "The command that starts the server."
  :type '(repeat string))

;;;###autoload
(defun dowse ()
  "Start dowse for the project of the present buffer, whatever its programming language."
  (interactive)
  (let ((eglot-server-programs `(((prog-mode text-mode) . ,dowse-command))))
    (call-interactively #'eglot)))

(provide 'dowse)
;;; dowse.el ends here
