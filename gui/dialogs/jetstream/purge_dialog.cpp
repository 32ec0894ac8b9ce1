#include "gui/dialogs/jetstream/purge_dialog.h"

#include "gui/dialogs/jetstream/confirm_dialog.h"
#include "gui/models/figures.h"
#include "gui/source/jetstream.h"
#include "gui/theme.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace signalbox::gui {

PurgeDialog::PurgeDialog(JetStream& jetStream, host::StreamFacts const& stream, bool typed,
                         QWidget* parent)
    : QDialog(parent),
      jetStream_(jetStream),
      stream_(wireText(stream.name)),
      state_(stream.state),
      subject_(new QLineEdit),
      keep_(new QLineEdit),
      before_(new QLineEdit),
      backUp_(new QCheckBox(tr("Back the stream up to this folder first"))),
      folder_(new QLineEdit(backupFolder(stream_))),
      what_(new QLabel),
      go_(new QPushButton(tr("Purge"))) {
    setWindowTitle(tr("Purge %1").arg(stream_));
    setMinimumWidth(480);
    auto* const form = new QFormLayout;
    auto const add = [&](QString const& label, QLineEdit* field, QString const& hint) {
        field->setPlaceholderText(hint);
        field->setAccessibleName(label);
        form->addRow(label, field);
        connect(field, &QLineEdit::textChanged, this, &PurgeDialog::check);
    };
    add(tr("Subject"), subject_, tr("all; such as orders.eu.>"));
    add(tr("Keep the newest"), keep_, tr("none"));
    add(tr("Only before sequence"), before_, tr("all"));
    backUp_->setChecked(true);
    folder_->setAccessibleName(tr("Folder of the backup"));
    connect(backUp_, &QCheckBox::toggled, folder_, &QWidget::setEnabled);
    what_->setWordWrap(true);
    what_->setTextFormat(Qt::PlainText);
    what_->setProperty("role", "warning");
    auto* const column = new QVBoxLayout(this);
    column->setSpacing(kSpace);
    column->addLayout(form);
    column->addWidget(what_);
    column->addWidget(backUp_);
    column->addWidget(folder_);
    if (typed) {
        auto* const wanted = new QLabel(tr("Type %1 to go on:").arg(stream_));
        wanted->setTextFormat(Qt::PlainText);
        typed_ = new QLineEdit;
        typed_->setAccessibleName(tr("The name, typed"));
        connect(typed_, &QLineEdit::textChanged, this, &PurgeDialog::check);
        column->addWidget(wanted);
        column->addWidget(typed_);
    }
    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    buttons->addButton(go_, QDialogButtonBox::AcceptRole);
    buttons->button(QDialogButtonBox::Cancel)->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    column->addWidget(buttons);
    check();
}

QJsonObject PurgeDialog::body() const {
    QJsonObject body;
    if (!subject_->text().trimmed().isEmpty()) {
        body.insert(QStringLiteral("filter"), subject_->text().trimmed());
    }
    if (qint64 const keep = keep_->text().toLongLong(); keep > 0) {
        body.insert(QStringLiteral("keep"), keep);
    }
    if (qint64 const before = before_->text().toLongLong(); before > 0) {
        body.insert(QStringLiteral("seq"), before);
    }
    return body;
}

QString PurgeDialog::folder() const {
    return backUp_->isChecked() ? folder_->text().trimmed() : QString();
}

QString PurgeDialog::mistake() const {
    auto const bad = [](QLineEdit const& field) {
        bool ok = true;
        if (!field.text().isEmpty()) {
            (void)field.text().toULongLong(&ok);
        }
        return !ok;
    };
    if (bad(*keep_) || bad(*before_)) {
        return tr("That is no number.");
    }
    if (!keep_->text().isEmpty() && !before_->text().isEmpty()) {
        return tr("Either the newest are kept or what is before a sequence goes: not both.");
    }
    return {};
}

void PurgeDialog::check() {
    QString const wrong = mistake();
    bool const named = typed_ == nullptr || typed_->text() == stream_;
    go_->setEnabled(wrong.isEmpty() && named);
    if (!wrong.isEmpty()) {
        what_->setText(wrong);
        return;
    }
    count();
}

/// How many match a subject is asked for; the rest is reckoned.
void PurgeDialog::count() {
    QString const subject = subject_->text().trimmed();
    if (subject.isEmpty()) {
        showCount(state_.messages);
        return;
    }
    showCount(std::nullopt);
    quint64 const number = ++asked_;
    jetStream_.ask(
        host::LookAtSubjects{
            .stream = stream_.toStdString(), .filter = subject.toStdString(), .limit = 100'000},
        this, [this, number](host::JetStreamAnswer& answer) {
            auto const* const seen = std::get_if<host::SubjectsSeen>(&answer.what);
            if (number != asked_ || seen == nullptr) {
                return;
            }
            quint64 matching = 0;
            for (auto const& [name, messages] : seen->subjects) {
                matching += messages;
            }
            showCount(matching);
        });
}

void PurgeDialog::showCount(std::optional<quint64> matching) {
    if (!matching) {
        what_->setText(tr("Counting…"));
        return;
    }
    quint64 const keep = keep_->text().toULongLong();
    quint64 const before = before_->text().toULongLong();
    if (before > 0) {
        quint64 const most =
            before <= state_.first ? 0 : std::min(*matching, before - state_.first);
        what_->setText(tr("Deletes at most %1 messages, for good.").arg(exactCount(most)));
    } else {
        quint64 const gone = *matching - std::min(keep, *matching);
        what_->setText(tr("Deletes %1 of %2 messages, for good.")
                           .arg(exactCount(gone), exactCount(state_.messages)));
    }
}

}  // namespace signalbox::gui
