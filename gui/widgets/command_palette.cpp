#include "gui/widgets/command_palette.h"

#include "gui/models/fuzzy.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox::gui {

namespace {

constexpr std::size_t kMostShown = 60;

enum PaletteRole {
    kGroup = Qt::UserRole + 1,
    kShortcut,
};

/// Icon and text, what it belongs to, and its keys at the right.
class EntryDelegate : public QStyledItemDelegate {
public:
    EntryDelegate(Theme const& theme, QObject* parent)
        : QStyledItemDelegate(parent), theme_(theme) {}

    QSize sizeHint(QStyleOptionViewItem const& /*option*/,
                   QModelIndex const& /*index*/) const override {
        return {200, 32};
    }

    void paint(QPainter* painter, QStyleOptionViewItem const& option,
               QModelIndex const& index) const override {
        ThemeTokens const& tokens = theme_.tokens();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if ((option.state & QStyle::State_Selected) != 0) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(tokens.selection);
            painter->drawRoundedRect(option.rect.adjusted(4, 1, -4, -1), 5, 5);
        }
        QRect area = option.rect.adjusted(14, 0, -14, 0);
        index.data(Qt::DecorationRole)
            .value<QIcon>()
            .paint(painter, QRect(area.left(), area.center().y() - 8, 17, 17));
        area.setLeft(area.left() + 28);
        painter->setFont(option.font);
        painter->setPen(tokens.text);
        QString const text = index.data(Qt::DisplayRole).toString();
        painter->drawText(area, Qt::AlignLeft | Qt::AlignVCenter, text);
        int const width = painter->fontMetrics().horizontalAdvance(text);
        painter->setPen(tokens.muted);
        painter->drawText(area.adjusted(width + 12, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                          index.data(kGroup).toString());
        painter->drawText(area, Qt::AlignRight | Qt::AlignVCenter,
                          index.data(kShortcut).toString());
        painter->restore();
    }

private:
    Theme const& theme_;
};

}  // namespace

CommandPalette::CommandPalette(Theme const& theme, std::vector<PaletteEntry> entries, Offer offer,
                               QWidget* parent)
    : QDialog(parent, Qt::Popup | Qt::FramelessWindowHint),
      entries_(std::move(entries)),
      offer_(std::move(offer)),
      typed_(new QLineEdit),
      list_(new QListWidget) {
    setAttribute(Qt::WA_TranslucentBackground);
    setAccessibleName(tr("Command palette"));
    setObjectName(QStringLiteral("commandPalette"));
    auto* const frame = new QFrame;
    frame->setObjectName(QStringLiteral("palette"));
    typed_->setPlaceholderText(tr("Type what to do, a page, or a subject"));
    typed_->setAccessibleName(tr("What to do"));
    typed_->setFont(Theme::scaled(1.15));
    typed_->installEventFilter(this);
    list_->setAccessibleName(tr("Commands"));
    list_->setItemDelegate(new EntryDelegate(theme, list_));
    list_->setFrameShape(QFrame::NoFrame);
    list_->setFocusPolicy(Qt::NoFocus);
    list_->setUniformItemSizes(true);
    auto* const inner = new QVBoxLayout(frame);
    inner->setContentsMargins(10, 10, 10, 10);
    inner->setSpacing(kSpace);
    inner->addWidget(typed_);
    inner->addWidget(list_, 1);
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(frame);
    resize(620, 420);
    connect(typed_, &QLineEdit::textChanged, this, &CommandPalette::list);
    connect(typed_, &QLineEdit::returnPressed, this, &CommandPalette::runCurrent);
    connect(list_, &QListWidget::itemClicked, this, &CommandPalette::runCurrent);
    list({});
    typed_->setFocus();
}

void CommandPalette::list(QString const& typed) {
    std::vector<std::pair<int, PaletteEntry const*>> found;
    for (PaletteEntry const& entry : entries_) {
        QString const text = entry.text + QLatin1Char(' ') + entry.group;
        if (std::optional<int> const score = fuzzyScore(typed, text)) {
            found.emplace_back(*score, &entry);
        }
    }
    if (!typed.trimmed().isEmpty()) {
        std::ranges::stable_sort(found, std::ranges::greater{},
                                 [](auto const& one) { return one.first; });
    }
    shown_.clear();
    for (auto const& [score, entry] : found) {
        if (shown_.size() < kMostShown) {
            shown_.push_back(*entry);
        }
    }
    if (offer_) {
        for (PaletteEntry& entry : offer_(typed.trimmed())) {
            shown_.push_back(std::move(entry));
        }
    }
    list_->clear();
    for (PaletteEntry const& entry : shown_) {
        auto* const item = new QListWidgetItem(entry.icon, entry.text, list_);
        item->setData(kGroup, entry.group);
        item->setData(kShortcut, entry.shortcut);
    }
    list_->setCurrentRow(0);
}

QStringList CommandPalette::listed() const {
    QStringList texts;
    for (PaletteEntry const& entry : shown_) {
        texts << entry.text;
    }
    return texts;
}

void CommandPalette::runCurrent() {
    int const row = list_->currentRow();
    if (row < 0 || static_cast<std::size_t>(row) >= shown_.size()) {
        return;
    }
    std::function<void()> const run = shown_[static_cast<std::size_t>(row)].run;
    close();
    run();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == typed_ && event->type() == QEvent::KeyPress) {
        int const key = static_cast<QKeyEvent*>(event)->key();
        int const rows = list_->count();
        int const step = key == Qt::Key_Down ? 1 : key == Qt::Key_Up ? -1 : 0;
        if (step != 0 && rows > 0) {
            list_->setCurrentRow((list_->currentRow() + step + rows) % rows);
            return true;
        }
        if (key == Qt::Key_Escape) {
            close();
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

}  // namespace signalbox::gui
