#include "gui/dialogs/jetstream/request_dialog.h"

#include "gui/models/jetstream/stream_text.h"
#include "gui/theme.h"
#include "gui/widgets/json_highlighter.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QScrollArea>
#include <QSpinBox>
#include <QSplitter>
#include <QVBoxLayout>

namespace signalbox::gui {

RequestDialog::RequestDialog(Theme const& theme, QString const& title, QJsonObject before,
                             QWidget* parent)
    : QDialog(parent),
      before_(std::move(before)),
      theme_(theme),
      form_(new QFormLayout),
      preview_(new QPlainTextEdit),
      what_(new QLabel),
      mistake_(new QLabel),
      go_(new QPushButton) {
    setWindowTitle(title);
    resize(920, 640);
    form_->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    form_->setHorizontalSpacing(kSpace * 2);
    preview_->setReadOnly(true);
    preview_->setFont(Theme::monospace());
    preview_->setAccessibleName(tr("The request"));
    new JsonHighlighter(theme, preview_->document());
    what_->setWordWrap(true);
    what_->setTextFormat(Qt::RichText);
    what_->setAccessibleName(tr("What it brings about"));
    mistake_->setProperty("role", "error");
    mistake_->setTextFormat(Qt::PlainText);
    mistake_->setWordWrap(true);
}

void RequestDialog::add(QString const& label, QWidget* widget, Put put, QString const& tip) {
    widget->setAccessibleName(label);
    widget->setToolTip(tip);
    form_->addRow(label, widget);
    fields_.append({label, std::move(put), widget});
}

QLineEdit* RequestDialog::addText(QString const& key, QString const& label, QString const& tip) {
    auto* const field = new QLineEdit(before_.value(key).toString());
    connect(field, &QLineEdit::textChanged, this, &RequestDialog::showRequest);
    add(
        label, field,
        [field, key](QJsonObject& settings) {
            if (field->text().isEmpty()) {
                settings.remove(key);
            } else {
                settings.insert(key, field->text());
            }
            return true;
        },
        tip);
    return field;
}

QPlainTextEdit* RequestDialog::addList(QString const& key, QString const& label,
                                       QString const& tip) {
    QStringList lines;
    for (QJsonValue const& one : before_.value(key).toArray()) {
        lines << one.toString();
    }
    auto* const field = new QPlainTextEdit(lines.join(QLatin1Char('\n')));
    field->setTabChangesFocus(true);
    field->setFixedHeight(66);
    connect(field, &QPlainTextEdit::textChanged, this, &RequestDialog::showRequest);
    add(
        label, field,
        [field, key](QJsonObject& settings) {
            QJsonArray all;
            QRegularExpression const between(QStringLiteral("[\\s,]+"));
            for (QString const& line : field->toPlainText().split(between, Qt::SkipEmptyParts)) {
                all.append(line);
            }
            if (all.isEmpty()) {
                settings.remove(key);
            } else {
                settings.insert(key, all);
            }
            return true;
        },
        tip);
    return field;
}

QComboBox* RequestDialog::addChoice(QString const& key, QString const& label,
                                    QList<std::pair<QString, QString>> const& choices) {
    auto* const field = new QComboBox;
    for (auto const& [value, text] : choices) {
        field->addItem(text, value);
    }
    field->setCurrentIndex(std::max(0, field->findData(before_.value(key).toString())));
    connect(field, &QComboBox::currentIndexChanged, this, &RequestDialog::showRequest);
    add(label, field,
        [field, key](QJsonObject& settings) {
            settings.insert(key, field->currentData().toString());
            return true;
        },
        {});
    return field;
}

QLineEdit* RequestDialog::addAmount(QString const& key, QString const& label, QString const& tip,
                                    qint64 none) {
    qint64 const value = before_.value(key).toInteger(none);
    auto* const field = new QLineEdit(value <= 0 ? QString() : amountText(value));
    field->setPlaceholderText(tr("none"));
    connect(field, &QLineEdit::textChanged, this, &RequestDialog::showRequest);
    add(
        label, field,
        [field, key, none](QJsonObject& settings) {
            std::optional<qint64> const amount = parseAmount(field->text());
            if (amount) {
                settings.insert(key, *amount < 0 ? none : *amount);
            }
            return amount.has_value();
        },
        tip);
    return field;
}

QLineEdit* RequestDialog::addSpan(QString const& key, QString const& label, QString const& tip) {
    base::Duration const value(before_.value(key).toInteger(0));
    auto* const field = new QLineEdit(value.count() == 0 ? QString() : spanText(value));
    field->setPlaceholderText(tr("none"));
    connect(field, &QLineEdit::textChanged, this, &RequestDialog::showRequest);
    bool const had = before_.contains(key);
    add(
        label, field,
        [field, key, had](QJsonObject& settings) {
            std::optional<base::Duration> const span = parseSpan(field->text());
            if (span && (span->count() > 0 || had)) {
                settings.insert(key, static_cast<qint64>(span->count()));
            } else {
                settings.remove(key);
            }
            return span.has_value();
        },
        tip);
    return field;
}

QSpinBox* RequestDialog::addNumber(QString const& key, QString const& label, int least, int most,
                                   int otherwise) {
    auto* const field = new QSpinBox;
    field->setRange(least, most);
    field->setValue(before_.value(key).toInt(otherwise));
    connect(field, &QSpinBox::valueChanged, this, &RequestDialog::showRequest);
    add(label, field,
        [field, key](QJsonObject& settings) {
            settings.insert(key, field->value());
            return true;
        },
        {});
    return field;
}

QCheckBox* RequestDialog::addSwitch(QString const& key, QString const& label, QString const& tip) {
    auto* const field = new QCheckBox(label);
    field->setChecked(before_.value(key).toBool());
    connect(field, &QCheckBox::toggled, this, &RequestDialog::showRequest);
    add(
        {}, field,
        [field, key](QJsonObject& settings) {
            if (field->isChecked() || settings.contains(key)) {
                settings.insert(key, field->isChecked());
            }
            return true;
        },
        tip);
    field->setAccessibleName(label);
    return field;
}

void RequestDialog::addHeading(QString const& text) {
    auto* const label = new QLabel(text);
    label->setProperty("role", "title");
    label->setContentsMargins(0, kSpace, 0, 0);
    form_->addRow(label);
}

void RequestDialog::finishForm(QString const& verb) {
    auto* const fields = new QWidget;
    fields->setLayout(form_);
    auto* const scroll = new QScrollArea;
    scroll->setWidget(fields);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* const right = new QWidget;
    auto* const side = new QVBoxLayout(right);
    side->setContentsMargins(kSpace, 0, 0, 0);
    auto* const heading = new QLabel(tr("What it brings about"));
    heading->setProperty("role", "title");
    side->addWidget(heading);
    side->addWidget(what_);
    auto* const request = new QLabel(tr("The request"));
    request->setProperty("role", "title");
    side->addWidget(request);
    side->addWidget(preview_, 1);
    auto* const halves = new QSplitter;
    halves->addWidget(scroll);
    halves->addWidget(right);
    halves->setStretchFactor(0, 1);
    halves->setStretchFactor(1, 1);
    halves->setSizes({460, 440});
    go_->setText(verb);
    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    buttons->addButton(go_, QDialogButtonBox::AcceptRole);
    go_->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* const column = new QVBoxLayout(this);
    column->addWidget(halves, 1);
    column->addWidget(mistake_);
    column->addWidget(buttons);
    showRequest();
}

QJsonObject RequestDialog::collect(QString& mistake) const {
    QJsonObject settings = before_;
    for (Field const& field : fields_) {
        if (!field.put(settings) && mistake.isEmpty()) {
            mistake = tr("%1 cannot be read.").arg(field.label);
        }
    }
    return settings;
}

QJsonObject RequestDialog::settings() const {
    QString ignored;
    return collect(ignored);
}

void RequestDialog::showRequest() {
    QString wrong;
    QJsonObject const now = collect(wrong);
    if (wrong.isEmpty()) {
        wrong = mistake(now);
    }
    auto const [subject, body] = request(now);
    preview_->setPlainText(
        QStringLiteral("$JS.API.%1\n%2")
            .arg(subject, QString::fromUtf8(QJsonDocument(body).toJson(QJsonDocument::Indented))));
    what_->setText(consequences(now));
    mistake_->setText(wrong);
    mistake_->setVisible(!wrong.isEmpty());
    go_->setEnabled(wrong.isEmpty() && (isNew() || now != before_));
}

}  // namespace signalbox::gui
