#include "gui/dialogs/jetstream/value_dialog.h"

#include "gui/models/jetstream/stream_text.h"
#include "gui/models/payload_text.h"
#include "gui/theme.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QVBoxLayout>

namespace signalbox::gui {

ValueDialog::ValueDialog(QString const& key, QString const& value, quint64 revision,
                         bool timeToLive, QWidget* parent)
    : QDialog(parent),
      key_(new QLineEdit(key)),
      value_(new QPlainTextEdit(value)),
      checks_(new QCheckBox),
      note_(new QLabel),
      go_(new QPushButton(revision == 0 ? tr("Put") : tr("Update"))) {
    setWindowTitle(revision == 0 ? tr("Put a value") : tr("Update %1").arg(key));
    resize(560, 420);
    key_->setEnabled(revision == 0);
    key_->setPlaceholderText(tr("such as app.theme"));
    key_->setAccessibleName(tr("Key"));
    value_->setFont(Theme::monospace());
    value_->setAccessibleName(tr("Value"));
    value_->setTabChangesFocus(true);
    checks_->setText(revision == 0 ? tr("Only if there is no such key yet")
                                   : tr("Only if nobody wrote it since revision %1").arg(revision));
    checks_->setChecked(true);
    note_->setProperty("role", "muted");
    auto* const form = new QFormLayout;
    form->addRow(tr("Key"), key_);
    if (timeToLive) {
        life_ = new QLineEdit;
        life_->setPlaceholderText(tr("for good; or such as 10m"));
        life_->setAccessibleName(tr("Time to live"));
        connect(life_, &QLineEdit::textChanged, this, &ValueDialog::check);
        form->addRow(tr("Time to live"), life_);
    }
    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    buttons->addButton(go_, QDialogButtonBox::AcceptRole);
    go_->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(key_, &QLineEdit::textChanged, this, &ValueDialog::check);
    connect(value_, &QPlainTextEdit::textChanged, this, &ValueDialog::check);
    auto* const column = new QVBoxLayout(this);
    column->addLayout(form);
    column->addWidget(value_, 1);
    column->addWidget(note_);
    column->addWidget(checks_);
    column->addWidget(buttons);
    (revision == 0 ? static_cast<QWidget*>(key_) : value_)->setFocus();
    check();
}

void ValueDialog::check() {
    QRegularExpression const allowed(QStringLiteral("^[-/_=.a-zA-Z0-9]+$"));
    QString const name = key();
    bool const good = allowed.match(name).hasMatch() && !name.startsWith(QLatin1Char('.')) &&
                      !name.endsWith(QLatin1Char('.')) && !name.contains(QLatin1String(".."));
    bool const life = life_ == nullptr || parseSpan(life_->text()).has_value();
    QString const text = value();
    QString const wrong =
        text.trimmed().startsWith(QLatin1Char('{')) ? jsonProblem(text.toStdString()) : QString();
    note_->setText(!good && !name.isEmpty()
                       ? tr("A key is made of letters, digits and - / _ = with dots between.")
                   : !life           ? tr("The time to live cannot be read.")
                   : wrong.isEmpty() ? QString()
                                     : tr("No JSON document: %1").arg(wrong));
    go_->setEnabled(good && life);
}

QString ValueDialog::key() const {
    return key_->text();
}

QString ValueDialog::value() const {
    return value_->toPlainText();
}

bool ValueDialog::checksRevision() const {
    return checks_->isChecked();
}

QString ValueDialog::timeToLive() const {
    std::optional<base::Duration> const span =
        life_ == nullptr ? std::nullopt : parseSpan(life_->text());
    qint64 const seconds = span ? static_cast<qint64>(span->count() / 1'000'000'000) : 0;
    return seconds > 0 ? QString::number(seconds) : QString();
}

}  // namespace signalbox::gui
