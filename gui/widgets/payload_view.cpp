#include "gui/widgets/payload_view.h"

#include "gui/models/figures.h"
#include "gui/models/payload_text.h"
#include "gui/widgets/json_highlighter.h"

#include <QHeaderView>
#include <QLabel>
#include <QPlainTextEdit>
#include <QTabWidget>
#include <QTableWidget>
#include <QVBoxLayout>

namespace signalbox::gui {

PayloadView::PayloadView(Theme const& theme, QWidget* parent)
    : QWidget(parent), tabs_(new QTabWidget), note_(new QLabel), headers_(new QTableWidget) {
    tabs_->setAccessibleName(tr("Payload"));
    tabs_->setDocumentMode(true);
    text_ = addText(tr("Text"));
    json_ = addText(tr("JSON"));
    hex_ = addText(tr("Hex"));
    hex_->setLineWrapMode(QPlainTextEdit::NoWrap);
    new JsonHighlighter(theme, json_->document());
    headers_->setAccessibleName(tr("Headers shown"));
    headers_->setColumnCount(2);
    headers_->setHorizontalHeaderLabels({tr("Header"), tr("Value")});
    headers_->horizontalHeader()->setStretchLastSection(true);
    headers_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    headers_->horizontalHeader()->resizeSection(0, 180);
    headers_->verticalHeader()->hide();
    headers_->verticalHeader()->setDefaultSectionSize(kRowHeight);
    headers_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    headers_->setSelectionBehavior(QAbstractItemView::SelectRows);
    headers_->setShowGrid(false);
    headers_->setProperty("flat", true);
    tabs_->addTab(headers_, tr("Headers"));
    note_->setProperty("role", "warning");
    note_->setContentsMargins(8, 2, 8, 2);
    note_->hide();
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(tabs_, 1);
    column->addWidget(note_);
    connect(tabs_, &QTabWidget::currentChanged, this, [this] {
        if (!choosing_) {
            chosen_ = true;
        }
    });
}

QPlainTextEdit* PayloadView::addText(QString const& title) {
    auto* const edit = new QPlainTextEdit;
    edit->setReadOnly(true);
    edit->setFont(Theme::monospace());
    edit->setFrameShape(QFrame::NoFrame);
    edit->setProperty("flat", true);
    edit->setAccessibleName(title);
    edit->setTabChangesFocus(true);
    tabs_->addTab(edit, title);
    return edit;
}

void PayloadView::show(std::string const& payload, std::string const& headers,
                       quint64 payloadBytes) {
    std::optional<QString> const json = prettyJson(payload);
    text_->setPlainText(isText(payload) ? wireText(payload) : QString());
    text_->setPlaceholderText(payload.empty() ? tr("The payload is empty.")
                                              : tr("The payload is not text."));
    json_->setPlainText(json.value_or(QString()));
    json_->setPlaceholderText(tr("The payload is not a JSON document."));
    hex_->setPlainText(hexDump(payload));
    showHeaders(headers);
    // A tab that is hidden while it is shown makes way for its neighbour, which nobody chose.
    choosing_ = true;
    tabs_->setTabVisible(JsonTab, json.has_value());
    choosing_ = false;
    bool const cut = payload.size() < payloadBytes;
    note_->setVisible(cut);
    if (cut) {
        note_->setText(tr("The first %1 of %2 bytes were captured.")
                           .arg(exactCount(payload.size()), exactCount(payloadBytes)));
    }
    if (!chosen_ || !tabs_->isTabVisible(tabs_->currentIndex())) {
        choosing_ = true;
        tabs_->setCurrentIndex(bestTab(payload, json.has_value()));
        choosing_ = false;
    }
}

PayloadView::Tab PayloadView::bestTab(std::string const& payload, bool json) const {
    if (json) {
        return JsonTab;
    }
    return isText(payload) ? Text : Hex;
}

void PayloadView::showHeaders(std::string const& headers) {
    auto const fields = headerFields(headers);
    headers_->setRowCount(static_cast<int>(fields.size()));
    int row = 0;
    for (auto const& [name, value] : fields) {
        headers_->setItem(row, 0, new QTableWidgetItem(name.isEmpty() ? tr("(status)") : name));
        headers_->setItem(row, 1, new QTableWidgetItem(value));
        ++row;
    }
    tabs_->setTabText(Headers,
                      fields.empty() ? tr("Headers") : tr("Headers (%1)").arg(fields.size()));
}

void PayloadView::clear() {
    show({}, {}, 0);
    text_->setPlaceholderText({});
}

void PayloadView::choose(Tab tab) {
    tabs_->setCurrentIndex(tab);
}

PayloadView::Tab PayloadView::shown() const {
    return static_cast<Tab>(tabs_->currentIndex());
}

QString PayloadView::text() const {
    switch (shown()) {
        case Text:
            return text_->toPlainText();
        case JsonTab:
            return json_->toPlainText();
        case Hex:
            return hex_->toPlainText();
        case Headers:
            return {};
    }
    return {};
}

}  // namespace signalbox::gui
