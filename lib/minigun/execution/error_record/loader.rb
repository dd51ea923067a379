# frozen_string_literal: true

require_relative "../../errors"

module Minigun
  module Execution
    module ErrorRecord
      # The parent's side: plain data to an exception.
      #
      # @api private
      module Loader
        module_function

        # @param record [Hash] made by {Dumper.dump}
        # @return [Exception]
        def load(record)
          error = unmarshal(record[:marshal])
          return error if error.is_a?(Exception)

          error = rebuild(record) || remote(record)
          error.set_backtrace(record[:backtrace]) if record[:backtrace]
          record[:cause] ? with_cause(error, load(record[:cause])) : error
        end

        def unmarshal(bytes)
          bytes && Marshal.load(bytes) # rubocop:disable Security/MarshalLoad -- our own child wrote it
        rescue *HARMLESS
          nil
        end

        # An exception of the same class, made without its constructor: that may want anything.
        #
        # @return [Exception, nil] nil when the class is not known here
        def rebuild(record)
          known = Object.const_get(record[:class_name])
          return unless known.is_a?(Class) && known <= Exception

          error = known.allocate
          fields = record[:fields].transform_values { |bytes| unmarshal(bytes) }
          initialize_as_ruby_does(error, record[:message], fields)
          fields.each { |name, value| error.instance_variable_set(name, value) if name.start_with?("@") }
          say(error, record[:message])
        rescue *HARMLESS
          nil
        end

        def initialize_as_ruby_does(error, message, fields)
          case error
          when NameError then NameError.instance_method(:initialize).bind_call(error, message, fields[:name])
          when KeyError
            key = fields.key?(:key) ? { key: fields[:key] } : {}
            KeyError.instance_method(:initialize).bind_call(error, message, **key)
          else Exception.instance_method(:initialize).bind_call(error, message)
          end
        end

        # A message that is made from something which did not travel is replaced by the text it had.
        def say(error, message)
          error.define_singleton_method(:message) { message } unless says?(error, message)
          error
        end

        def says?(error, message)
          error.message == message
        rescue *HARMLESS
          false
        end

        def remote(record)
          RemoteError.new(record[:message], class_name: record[:class_name], standard: record[:standard])
        end

        # `cause` can only be set by raising.
        def with_cause(error, cause)
          raise error, cause: cause
        rescue Exception => e # rubocop:disable Lint/RescueException -- it is the one just raised
          raise unless e.equal?(error)

          error
        end

        private_class_method :unmarshal, :rebuild, :initialize_as_ruby_does, :say, :says?, :remote, :with_cause
      end
    end
  end
end
