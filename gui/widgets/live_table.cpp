#include "gui/widgets/live_table.h"

#include "gui/models/roles.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>

namespace signalbox::gui {

LiveTable::LiveTable(Theme const& theme, QString const& accessibleName, QWidget* parent)
    : QTableView(parent), theme_(theme), cells_(new CellDelegate(theme, this)) {
    setAccessibleName(accessibleName);
    setItemDelegate(cells_);
    setSelectionBehavior(SelectRows);
    setSelectionMode(ExtendedSelection);
    setShowGrid(false);
    setAlternatingRowColors(true);
    setWordWrap(false);
    setEditTriggers(NoEditTriggers);
    setHorizontalScrollMode(ScrollPerPixel);
    setVerticalScrollMode(ScrollPerItem);
    setTabKeyNavigation(false);
    setCornerButtonEnabled(false);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setMinimumSectionSize(kRowHeight);
    verticalHeader()->setDefaultSectionSize(kRowHeight);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setMinimumSectionSize(36);
    horizontalHeader()->setFixedHeight(kRowHeight + 3);
    horizontalHeader()->setSectionsMovable(true);
    horizontalHeader()->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(horizontalHeader(), &QWidget::customContextMenuRequested, this,
            &LiveTable::chooseColumns);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &LiveTable::scrolled);
    connect(verticalScrollBar(), &QScrollBar::rangeChanged, this, [this] {
        if (following_) {
            moving_ = true;
            verticalScrollBar()->setValue(verticalScrollBar()->maximum());
            moving_ = false;
        }
        tellVisibleRows();
    });
}

void LiveTable::setModel(QAbstractItemModel* model) {
    QTableView::setModel(model);
    connect(model, &QAbstractItemModel::rowsRemoved, this,
            [this](QModelIndex const&, int first, int last) { rowsLeft(first, last); });
}

void LiveTable::setColumnWidths(QList<int> const& widths, int stretch) {
    for (int i = 0; i < widths.size(); ++i) {
        horizontalHeader()->resizeSection(i, widths[i]);
        horizontalHeader()->setSectionResizeMode(
            i, i == stretch ? QHeaderView::Stretch : QHeaderView::Interactive);
    }
}

void LiveTable::enableFollowing() {
    follows_ = true;
    following_ = true;
}

void LiveTable::setFollowing(bool following) {
    if (following_ == following) {
        return;
    }
    following_ = following;
    if (following) {
        moving_ = true;
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
        moving_ = false;
    }
    emit followingChanged(following);
}

void LiveTable::setEmptyText(QString const& text) {
    emptyText_ = text;
    viewport()->update();
}

QString LiveTable::selectedText() const {
    QStringList lines;
    if (selectionModel() == nullptr) {
        return {};
    }
    QModelIndexList selected = selectionModel()->selectedRows();
    std::ranges::sort(selected, {}, [](QModelIndex const& index) { return index.row(); });
    for (QModelIndex const& row : selected) {
        QStringList cells;
        for (int column = 0; column < model()->columnCount(); ++column) {
            if (!isColumnHidden(column)) {
                cells << row.siblingAtColumn(column).data(Qt::AccessibleTextRole).toString();
            }
        }
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

void LiveTable::chooseColumns(QPoint const& at) {
    QMenu menu(this);
    for (int column = 0; column < model()->columnCount(); ++column) {
        QAction* const action =
            menu.addAction(model()->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
        action->setCheckable(true);
        action->setChecked(!isColumnHidden(column));
        connect(action, &QAction::toggled, this,
                [this, column](bool on) { setColumnHidden(column, !on); });
    }
    menu.exec(horizontalHeader()->mapToGlobal(at));
}

void LiveTable::tellVisibleRows() {
    int const first = std::max(0, verticalScrollBar()->value());
    emit visibleRowsChanged(first, first + viewport()->height() / kRowHeight + 1);
}

void LiveTable::rowsLeft(int first, int last) {
    if (!follows_ || following_ || first != 0) {
        return;
    }
    moving_ = true;
    QScrollBar& bar = *verticalScrollBar();
    bar.setValue(std::max(0, bar.value() - (last - first + 1)));
    moving_ = false;
}

void LiveTable::scrolled(int value) {
    tellVisibleRows();
    if (follows_ && !moving_) {
        setFollowing(value >= verticalScrollBar()->maximum());
    }
}

void LiveTable::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    tellVisibleRows();
}

void LiveTable::mousePressEvent(QMouseEvent* event) {
    QModelIndex const index = indexAt(event->pos());
    if (index.isValid() && index.column() == 0 && index.data(HasChildrenRole).toBool()) {
        QRect const arrow =
            CellDelegate::arrowRect(visualRect(index), index.data(DepthRole).toInt());
        if (arrow.contains(event->pos())) {
            emit expandToggled(index.row());
            return;
        }
    }
    QTableView::mousePressEvent(event);
}

int LiveTable::parentOf(int row) const {
    int const depth = model()->index(row, 0).data(DepthRole).toInt();
    for (int above = row - 1; above >= 0; --above) {
        if (model()->index(above, 0).data(DepthRole).toInt() < depth) {
            return above;
        }
    }
    return -1;
}

bool LiveTable::toggleWith(QKeyEvent const& event) {
    QModelIndex const index = currentIndex().siblingAtColumn(0);
    if (!index.isValid() || !index.data(DepthRole).isValid()) {
        return false;
    }
    bool const expanded = index.data(ExpandedRole).toBool();
    bool const parent = index.data(HasChildrenRole).toBool();
    if (event.key() == Qt::Key_Right && parent && !expanded) {
        emit expandToggled(index.row());
        return true;
    }
    if (event.key() == Qt::Key_Left && parent && expanded) {
        emit expandToggled(index.row());
        return true;
    }
    if (event.key() == Qt::Key_Left && parentOf(index.row()) >= 0) {
        selectRow(parentOf(index.row()));
        return true;
    }
    return event.key() == Qt::Key_Left || event.key() == Qt::Key_Right;
}

void LiveTable::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy)) {
        QGuiApplication::clipboard()->setText(selectedText());
        emit copied();
        return;
    }
    bool const sideways = event->key() == Qt::Key_Left || event->key() == Qt::Key_Right;
    if (sideways && toggleWith(*event)) {
        return;
    }
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        if (currentIndex().isValid()) {
            emit activated(currentIndex());
            return;
        }
    }
    QTableView::keyPressEvent(event);
}

void LiveTable::paintEvent(QPaintEvent* event) {
    QTableView::paintEvent(event);
    if (!emptyText_.isEmpty() && model() != nullptr && model()->rowCount() == 0) {
        QPainter painter(viewport());
        painter.setPen(theme_.tokens().muted);
        painter.drawText(viewport()->rect().adjusted(24, 24, -24, -24),
                         Qt::AlignCenter | Qt::TextWordWrap, emptyText_);
    }
}

}  // namespace signalbox::gui
