#pragma once

#include "gui/theme.h"

#include <QStyledItemDelegate>

namespace signalbox::gui {

/// Draws the cells of every table: text in its tone, and what the roles of our models add to it:
/// a tree's indentation, badges, a trail, a bar.
class CellDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    CellDelegate(Theme const& theme, QObject* parent);

    void paint(QPainter* painter, QStyleOptionViewItem const& option,
               QModelIndex const& index) const override;
    QSize sizeHint(QStyleOptionViewItem const& option, QModelIndex const& index) const override;

    /// Columns whose text is payload: drawn in a font of equal width.
    void setMonospace(QList<int> columns) { monospace_ = std::move(columns); }

    /// Where the arrow of a row in a tree is, within its cell.
    static QRect arrowRect(QRect const& cell, int depth);

private:
    void paintBackground(QPainter& painter, QStyleOptionViewItem const& option) const;
    QRect paintTree(QPainter& painter, QRect cell, QModelIndex const& index) const;
    QRect paintBadges(QPainter& painter, QRect cell, QModelIndex const& index, int used) const;
    void paintBar(QPainter& painter, QRect const& cell, double fraction, Tone tone) const;

    Theme const& theme_;
    QFont monospaceFont_;
    QList<int> monospace_;
};

}  // namespace signalbox::gui
