#pragma once

#include <QDialog>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace signalbox::gui {

/// Writes a value to a key of a bucket.
class ValueDialog : public QDialog {
    Q_OBJECT

public:
    /// `revision` 0: a new key, which must not be there yet.
    ValueDialog(QString const& key, QString const& value, quint64 revision, bool timeToLive,
                QWidget* parent);

    QString key() const;
    QString value() const;
    /// Written only if the key still has that revision.
    bool checksRevision() const;
    /// In seconds, as the header has it; empty: none.
    QString timeToLive() const;

private:
    void check();

    QLineEdit* key_;
    QPlainTextEdit* value_;
    QCheckBox* checks_;
    QLineEdit* life_ = nullptr;
    QLabel* note_;
    QPushButton* go_;
};

}  // namespace signalbox::gui
