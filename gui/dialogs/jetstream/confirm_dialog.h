#pragma once

#include <QDialog>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace signalbox::gui {

/// Asks before something is deleted: says what goes, offers to write it to a folder first, and may
/// want the name typed.
class ConfirmDialog : public QDialog {
    Q_OBJECT

public:
    struct Question {
        QString title;
        QString text;    ///< What will be gone, in sentences.
        QString button;  ///< The verb.
        QString typed;   ///< What must be typed; empty: nothing.
        /// Where a backup is offered; empty: none is.
        QString folder;
    };

    ConfirmDialog(Question const& question, QWidget* parent);

    /// Where to write it first; empty: nowhere.
    QString folder() const;

private:
    void check();

    Question question_;
    QLineEdit* typed_ = nullptr;
    QCheckBox* backUp_ = nullptr;
    QLineEdit* folder_ = nullptr;
    QPushButton* go_;
};

/// A folder for a backup of that stream, beside those of before.
QString backupFolder(QString const& stream);

}  // namespace signalbox::gui
