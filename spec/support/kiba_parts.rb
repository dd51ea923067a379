# frozen_string_literal: true

# Sources, transforms and destinations in the shape that Kiba documents: `each`, `process` (which may
# yield, and drops a row by answering nil), `write`, and `close` (which may yield in a transform).
module KibaParts
  # A source; its arguments come with `new`.
  class Lines
    def initialize(path, skip: 0)
      @path = path
      @skip = skip
    end

    def each
      File.foreach(@path).with_index { |line, index| yield({ line: line.chomp }) unless index < @skip }
    end
  end

  # Drops rows.
  class Reject
    def initialize(field, pattern)
      @field = field
      @pattern = pattern
    end

    def process(row)
      row unless row.fetch(@field).match?(@pattern)
    end
  end

  # Makes several rows of one, by yield, and answers with none.
  class Explode
    def process(row)
      row.fetch(:line).split { |word| yield row.merge(word: word) }
      nil
    end
  end

  # Changes a row in place, as Kiba's do.
  class Upcase
    def initialize(*fields) = @fields = fields

    def process(row)
      @fields.each { |field| row[field] = row.fetch(field).upcase }
      row
    end
  end

  # Keeps rows until it is closed.
  class Tally
    def initialize(by:)
      @by = by
      @counts = Hash.new(0)
    end

    def process(row)
      @counts[row.fetch(@by)] += 1
      nil
    end

    def close
      @counts.each { |key, count| yield({ key: key, count: count }) }
    end
  end

  # A destination with a buffer: what is not closed is lost.
  class Writer
    def initialize(path, fields)
      @path = path
      @fields = fields
      @lines = []
    end

    def write(row)
      @lines << row.values_at(*@fields).join(" ")
    end

    def close
      File.open(@path, "a") { |file| file.write(@lines.map { |line| "#{line}\n" }.join) }
    end
  end
end
