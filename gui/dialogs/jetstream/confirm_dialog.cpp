#include "gui/dialogs/jetstream/confirm_dialog.h"

#include "gui/theme.h"

#include <QCheckBox>
#include <QDateTime>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStandardPaths>
#include <QToolButton>
#include <QVBoxLayout>

namespace signalbox::gui {

ConfirmDialog::ConfirmDialog(Question const& question, QWidget* parent)
    : QDialog(parent), question_(question), go_(new QPushButton(question.button)) {
    setWindowTitle(question.title);
    setMinimumWidth(460);
    auto* const column = new QVBoxLayout(this);
    column->setSpacing(kSpace);
    auto* const heading = new QLabel(question.title);
    heading->setTextFormat(Qt::PlainText);
    heading->setFont(Theme::scaled(1.15, QFont::DemiBold));
    column->addWidget(heading);
    auto* const text = new QLabel(question.text);
    text->setTextFormat(Qt::PlainText);
    text->setWordWrap(true);
    column->addWidget(text);
    if (!question.folder.isEmpty()) {
        backUp_ = new QCheckBox(tr("Write it to this folder first, to be restored from there"));
        backUp_->setChecked(true);
        folder_ = new QLineEdit(question.folder);
        folder_->setAccessibleName(tr("Folder of the backup"));
        auto* const choose = new QToolButton;
        choose->setText(tr("…"));
        choose->setAccessibleName(tr("Choose the folder"));
        connect(choose, &QToolButton::clicked, this, [this] {
            QString const chosen =
                QFileDialog::getExistingDirectory(this, tr("Folder of the backup"));
            if (!chosen.isEmpty()) {
                folder_->setText(chosen);
            }
        });
        connect(backUp_, &QCheckBox::toggled, folder_, &QWidget::setEnabled);
        connect(backUp_, &QCheckBox::toggled, choose, &QWidget::setEnabled);
        column->addWidget(backUp_);
        auto* const row = new QHBoxLayout;
        row->addWidget(folder_, 1);
        row->addWidget(choose);
        column->addLayout(row);
    }
    if (!question.typed.isEmpty()) {
        auto* const wanted = new QLabel(tr("Type %1 to go on:").arg(question.typed));
        wanted->setTextFormat(Qt::PlainText);
        column->addWidget(wanted);
        typed_ = new QLineEdit;
        typed_->setAccessibleName(tr("The name, typed"));
        connect(typed_, &QLineEdit::textChanged, this, &ConfirmDialog::check);
        column->addWidget(typed_);
        typed_->setFocus();
    }
    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    buttons->addButton(go_, QDialogButtonBox::AcceptRole);
    buttons->button(QDialogButtonBox::Cancel)->setDefault(question.typed.isEmpty());
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    column->addSpacing(kSpace);
    column->addWidget(buttons);
    check();
}

void ConfirmDialog::check() {
    go_->setEnabled(typed_ == nullptr || typed_->text() == question_.typed);
}

QString ConfirmDialog::folder() const {
    return backUp_ != nullptr && backUp_->isChecked() ? folder_->text().trimmed() : QString();
}

QString backupFolder(QString const& stream) {
    QString const documents = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    return QDir(documents).filePath(
        QStringLiteral("signalbox-backups/%1-%2")
            .arg(stream, QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss"))));
}

}  // namespace signalbox::gui
